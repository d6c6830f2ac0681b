CREATE TABLE "billing_checkouts" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"operation_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"success_url" text NOT NULL,
	"cancel_url" text NOT NULL,
	"session_id" text,
	"url" text,
	"expires_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_payment_records" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"customer_id" text NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "local_payment_records_kind_check" CHECK ("local_payment_records"."kind" in ('customer', 'checkout', 'portal', 'subscription'))
);
--> statement-breakpoint
CREATE TABLE "plan_prices" (
	"stripe_price_id" text PRIMARY KEY NOT NULL,
	"plan_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "user_plan_limits" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"call_limit" integer,
	"minutes_limit" integer,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "user_plan_limits_check" CHECK ("user_plan_limits"."call_limit" >= 0 and "user_plan_limits"."minutes_limit" >= 0)
);
--> statement-breakpoint
DROP INDEX "stripe_events_waiting_idx";--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "fetched_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "trial_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "stripe_events" ADD COLUMN "customer_id" text;--> statement-breakpoint
ALTER TABLE "stripe_events" ADD COLUMN "user_id" uuid;--> statement-breakpoint
ALTER TABLE "stripe_events" ADD COLUMN "next_attempt_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL;--> statement-breakpoint
ALTER TABLE "subscription_plans" ADD COLUMN "trial_days" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "user_subscriptions" ADD COLUMN "grants_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user_subscriptions" ADD COLUMN "next_plan_id" uuid;--> statement-breakpoint
ALTER TABLE "user_subscriptions" ADD COLUMN "owed_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "billing_checkouts" ADD CONSTRAINT "billing_checkouts_plan_id_subscription_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."subscription_plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_prices" ADD CONSTRAINT "plan_prices_plan_id_subscription_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."subscription_plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "billing_checkouts_plan_id_idx" ON "billing_checkouts" USING btree ("plan_id");--> statement-breakpoint
CREATE INDEX "local_payment_records_customer_idx" ON "local_payment_records" USING btree ("customer_id","kind");--> statement-breakpoint
CREATE INDEX "plan_prices_plan_id_idx" ON "plan_prices" USING btree ("plan_id");--> statement-breakpoint
ALTER TABLE "user_subscriptions" ADD CONSTRAINT "user_subscriptions_next_plan_id_subscription_plans_id_fk" FOREIGN KEY ("next_plan_id") REFERENCES "public"."subscription_plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stripe_events_due_idx" ON "stripe_events" USING btree ("next_attempt_at") WHERE status <> 'processed';--> statement-breakpoint
CREATE INDEX "user_subscriptions_next_plan_id_idx" ON "user_subscriptions" USING btree ("next_plan_id") WHERE next_plan_id is not null;--> statement-breakpoint
ALTER TABLE "subscription_plans" ADD CONSTRAINT "subscription_plans_trial_check" CHECK ("subscription_plans"."trial_days" between 0 and 730);--> statement-breakpoint
alter table public.billing_checkouts add constraint billing_checkouts_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade;
--> statement-breakpoint
alter table public.user_plan_limits add constraint user_plan_limits_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade;
--> statement-breakpoint
create trigger touch_updated_at before update on public.billing_checkouts for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.local_payment_records for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.plan_prices for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.user_plan_limits for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint

-- Where users pay, and what the payment side said, is between it and the service.
alter table public.billing_checkouts enable row level security;
--> statement-breakpoint
revoke all on public.billing_checkouts from public, anon, authenticated, service_role;
--> statement-breakpoint
alter table public.local_payment_records enable row level security;
--> statement-breakpoint
revoke all on public.local_payment_records from public, anon, authenticated, service_role;
--> statement-breakpoint
alter table public.plan_prices enable row level security;
--> statement-breakpoint
revoke all on public.plan_prices from public, anon, authenticated, service_role;
--> statement-breakpoint

-- What was agreed with a user is for that user to see, and for the service to change.
alter table public.user_plan_limits enable row level security;
--> statement-breakpoint
revoke all on public.user_plan_limits from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on public.user_plan_limits to authenticated, service_role;
--> statement-breakpoint
create policy user_plan_limits_read_own on public.user_plan_limits for select to authenticated
using (user_id = (select auth.uid()));
--> statement-breakpoint

-- Prices that were noted before are remembered: without that, whoever pays them gets no plan for it.
insert into public.plan_prices (stripe_price_id, plan_id)
select stripe_price_id, id from public.subscription_plans where stripe_price_id is not null
on conflict (stripe_price_id) do nothing;

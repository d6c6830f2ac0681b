CREATE TABLE "billing_changes" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"holder" text,
	"held_until" timestamp with time zone NOT NULL,
	"kind" text,
	"payment_id" text,
	"wanted_plan_id" uuid,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "billing_changes_note_check" CHECK (("billing_changes"."kind" in ('upgrade', 'downgrade') and "billing_changes"."payment_id" is not null and "billing_changes"."wanted_plan_id" is not null)
        or ("billing_changes"."kind" is null and "billing_changes"."payment_id" is null and "billing_changes"."wanted_plan_id" is null))
);
--> statement-breakpoint
ALTER TABLE "billing_changes" ADD CONSTRAINT "billing_changes_wanted_plan_id_subscription_plans_id_fk" FOREIGN KEY ("wanted_plan_id") REFERENCES "public"."subscription_plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "billing_changes_wanted_plan_id_idx" ON "billing_changes" USING btree ("wanted_plan_id");--> statement-breakpoint
alter table public.billing_changes add constraint billing_changes_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade;
--> statement-breakpoint
create trigger touch_updated_at before update on public.billing_changes for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint

-- What a user's choice has come to is between the service and the payment side.
alter table public.billing_changes enable row level security;
--> statement-breakpoint
revoke all on public.billing_changes from public, anon, authenticated, service_role;

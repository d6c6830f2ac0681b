CREATE TABLE "billing_customers" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"stripe_customer_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "billing_customers_stripe_customer_id_unique" UNIQUE("stripe_customer_id")
);
--> statement-breakpoint
CREATE TABLE "stripe_events" (
	"id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"api_version" text,
	"created" timestamp with time zone NOT NULL,
	"payload" jsonb NOT NULL,
	"status" text DEFAULT 'received' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"received_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"processed_at" timestamp with time zone,
	CONSTRAINT "stripe_events_status_check" CHECK ("stripe_events"."status" in ('received', 'processed', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "subscription_plans" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"price" numeric(12, 2) NOT NULL,
	"currency" text DEFAULT 'usd' NOT NULL,
	"interval" text NOT NULL,
	"features" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"call_limit" integer,
	"minutes_limit" integer,
	"stripe_price_id" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "subscription_plans_slug_interval_key" UNIQUE("slug","interval"),
	CONSTRAINT "subscription_plans_slug_check" CHECK ("subscription_plans"."slug" in ('free', 'basic', 'business', 'enterprise')),
	CONSTRAINT "subscription_plans_interval_check" CHECK ("subscription_plans"."interval" in ('monthly', 'yearly')),
	CONSTRAINT "subscription_plans_price_check" CHECK ("subscription_plans"."price" >= 0),
	CONSTRAINT "subscription_plans_limits_check" CHECK ("subscription_plans"."call_limit" >= 0 and "subscription_plans"."minutes_limit" >= 0)
);
--> statement-breakpoint
CREATE TABLE "usage_ledger_entries" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "usage_ledger_entries_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" uuid,
	"usage_id" uuid NOT NULL,
	"attempt_id" uuid NOT NULL,
	"call_queue_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"calls" integer NOT NULL,
	"minutes" integer NOT NULL,
	"reserved_calls" integer NOT NULL,
	"reserved_minutes" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "usage_ledger_entries_attempt_kind_key" UNIQUE("attempt_id","kind"),
	CONSTRAINT "usage_ledger_entries_kind_check" CHECK ("usage_ledger_entries"."kind" in ('reserve', 'settle', 'release', 'adjust'))
);
--> statement-breakpoint
CREATE TABLE "user_call_usage" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid,
	"subscription_id" uuid NOT NULL,
	"billing_period_start" timestamp with time zone NOT NULL,
	"billing_period_end" timestamp with time zone NOT NULL,
	"calls_limit" integer,
	"minutes_limit" integer,
	"calls_used" integer DEFAULT 0 NOT NULL,
	"minutes_used" integer DEFAULT 0 NOT NULL,
	"calls_reserved" integer DEFAULT 0 NOT NULL,
	"minutes_reserved" integer DEFAULT 0 NOT NULL,
	"calls_remaining" integer GENERATED ALWAYS AS (case when calls_limit is null then null else greatest(calls_limit - calls_used - calls_reserved, 0) end) STORED,
	"minutes_remaining" integer GENERATED ALWAYS AS (case when minutes_limit is null then null else greatest(minutes_limit - minutes_used - minutes_reserved, 0) end) STORED,
	"last_updated" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "user_call_usage_user_period_key" UNIQUE("user_id","billing_period_start"),
	CONSTRAINT "user_call_usage_period_check" CHECK ("user_call_usage"."billing_period_end" > "user_call_usage"."billing_period_start"),
	CONSTRAINT "user_call_usage_totals_check" CHECK ("user_call_usage"."calls_used" >= 0 and "user_call_usage"."minutes_used" >= 0 and "user_call_usage"."calls_reserved" >= 0 and "user_call_usage"."minutes_reserved" >= 0)
);
--> statement-breakpoint
CREATE TABLE "user_subscriptions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid,
	"plan_id" uuid NOT NULL,
	"status" text NOT NULL,
	"stripe_status" text,
	"stripe_sub_id" text,
	"current_period_start" timestamp with time zone NOT NULL,
	"current_period_end" timestamp with time zone NOT NULL,
	"cancel_at_period_end" boolean DEFAULT false NOT NULL,
	"payment_method" text,
	"subscription_id" text,
	"fetched_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "user_subscriptions_stripe_sub_id_unique" UNIQUE("stripe_sub_id"),
	CONSTRAINT "user_subscriptions_status_check" CHECK ("user_subscriptions"."status" in ('active', 'trialing', 'past_due', 'canceled')),
	CONSTRAINT "user_subscriptions_period_check" CHECK ("user_subscriptions"."current_period_end" > "user_subscriptions"."current_period_start")
);
--> statement-breakpoint
CREATE TABLE "call_attempts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"call_queue_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"phone_number_id" uuid NOT NULL,
	"assistant_id" uuid NOT NULL,
	"state" text DEFAULT 'placing' NOT NULL,
	"progress" text,
	"provider_call_id" text,
	"refusal" text,
	"refusal_detail" text,
	"outcome" text,
	"reserved_minutes" integer NOT NULL,
	"is_settled" boolean DEFAULT false NOT NULL,
	"claimed_by" text NOT NULL,
	"placed_at" timestamp with time zone,
	"news_at" timestamp with time zone,
	"asked_at" timestamp with time zone,
	"asked" integer DEFAULT 0 NOT NULL,
	"hang_up_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "call_attempts_state_check" CHECK ("call_attempts"."state" in ('placing', 'placed', 'unknown', 'refused', 'ended')),
	CONSTRAINT "call_attempts_progress_check" CHECK ("call_attempts"."progress" in ('queued', 'ringing', 'in-progress', 'ended')),
	CONSTRAINT "call_attempts_reserved_minutes_check" CHECK ("call_attempts"."reserved_minutes" > 0)
);
--> statement-breakpoint
CREATE TABLE "call_queue" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "call_queue_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" uuid,
	"recipient_number" text NOT NULL,
	"scheduled_time" timestamp with time zone,
	"due_at" timestamp with time zone GENERATED ALWAYS AS (greatest(scheduled_time, created_at)) STORED NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"call_id" text,
	"provider_id" uuid,
	"pinned_provider_id" uuid,
	"template_id" uuid,
	"custom_variables" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"failure_code" text,
	"failure_detail" text,
	"cancel_requested_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "call_queue_status_check" CHECK ("call_queue"."status" in ('queued', 'in-progress', 'completed', 'failed', 'canceled')),
	CONSTRAINT "call_queue_recipient_number_check" CHECK ("call_queue"."recipient_number" ~ '^\+[1-9][0-9]{6,14}$'),
	CONSTRAINT "call_queue_custom_variables_check" CHECK (jsonb_typeof("call_queue"."custom_variables") = 'object')
);
--> statement-breakpoint
CREATE TABLE "call_template_assistants" (
	"template_id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"assistant_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "call_template_assistants_pkey" PRIMARY KEY("template_id","provider_id")
);
--> statement-breakpoint
CREATE TABLE "call_templates" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"category" text,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"is_public" boolean DEFAULT false NOT NULL,
	"created_by" uuid,
	"provider_id" uuid,
	"assistant_id" uuid,
	"params" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"params_order" text[] DEFAULT '{}' NOT NULL,
	"max_duration_seconds" integer,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "call_templates_max_duration_check" CHECK ("call_templates"."max_duration_seconds" between 10 and 43200)
);
--> statement-breakpoint
CREATE TABLE "dispatch_control" (
	"id" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"is_paused" boolean DEFAULT false NOT NULL,
	"reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "dispatch_control_single_row_check" CHECK ("dispatch_control"."id")
);
--> statement-breakpoint
CREATE TABLE "user_call_history" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid,
	"call_queue_id" uuid NOT NULL,
	"attempt_id" uuid NOT NULL,
	"call_id" text NOT NULL,
	"provider_id" uuid NOT NULL,
	"assistant_id" uuid NOT NULL,
	"phone_number_id" uuid NOT NULL,
	"recipient_number" text NOT NULL,
	"status" text DEFAULT 'in-progress' NOT NULL,
	"outcome" text,
	"ended_reason" text,
	"transcript" text,
	"summary" text,
	"analysis" jsonb,
	"recording_url" text,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"duration_seconds" integer,
	"cost_micros" bigint,
	"currency" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "user_call_history_attempt_id_unique" UNIQUE("attempt_id"),
	CONSTRAINT "user_call_history_status_check" CHECK ("user_call_history"."status" in ('in-progress', 'completed', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "call_service_providers" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"driver" text NOT NULL,
	"type" text DEFAULT 'voice' NOT NULL,
	"api_credentials" text NOT NULL,
	"base_url" text,
	"concurrency_limit" integer NOT NULL,
	"priority" integer NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"health" text DEFAULT 'closed' NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"probe_at" timestamp with time zone,
	"paused_until" timestamp with time zone,
	"pause_reason" text,
	"pauses" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "call_service_providers_name_unique" UNIQUE("name"),
	CONSTRAINT "call_service_providers_limit_check" CHECK ("call_service_providers"."concurrency_limit" >= 0),
	CONSTRAINT "call_service_providers_priority_check" CHECK ("call_service_providers"."priority" >= 1),
	CONSTRAINT "call_service_providers_type_check" CHECK ("call_service_providers"."type" in ('voice')),
	CONSTRAINT "call_service_providers_health_check" CHECK ("call_service_providers"."health" in ('closed', 'open', 'half-open'))
);
--> statement-breakpoint
CREATE TABLE "provider_assistants" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"provider_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "provider_assistants_provider_external_key" UNIQUE("provider_id","external_id"),
	CONSTRAINT "provider_assistants_id_provider_key" UNIQUE("id","provider_id")
);
--> statement-breakpoint
CREATE TABLE "provider_phone_numbers" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"provider_id" uuid NOT NULL,
	"phone_id" text NOT NULL,
	"country_code" text NOT NULL,
	"area_code" text,
	"phone_number" text NOT NULL,
	"full_number" text NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"capabilities" jsonb DEFAULT '["voice"]'::jsonb NOT NULL,
	"last_used_at" timestamp with time zone,
	"quarantined_until" timestamp with time zone,
	"quarantine_reason" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "provider_phone_numbers_provider_phone_key" UNIQUE("provider_id","phone_id")
);
--> statement-breakpoint
CREATE TABLE "user_profiles" (
	"id" uuid PRIMARY KEY NOT NULL,
	"first_name" text,
	"last_name" text,
	"phone_number" text,
	"email" text,
	"address" text,
	"preferences" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" text DEFAULT 'inactive' NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "user_profiles_status_check" CHECK ("user_profiles"."status" in ('active', 'inactive'))
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"subject" text NOT NULL,
	"key" text NOT NULL,
	"route" text NOT NULL,
	"request_hash" text NOT NULL,
	"status" integer NOT NULL,
	"response" jsonb,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY("subject","key")
);
--> statement-breakpoint
ALTER TABLE "usage_ledger_entries" ADD CONSTRAINT "usage_ledger_entries_usage_id_user_call_usage_id_fk" FOREIGN KEY ("usage_id") REFERENCES "public"."user_call_usage"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_call_usage" ADD CONSTRAINT "user_call_usage_subscription_id_user_subscriptions_id_fk" FOREIGN KEY ("subscription_id") REFERENCES "public"."user_subscriptions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_subscriptions" ADD CONSTRAINT "user_subscriptions_plan_id_subscription_plans_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."subscription_plans"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_attempts" ADD CONSTRAINT "call_attempts_call_queue_id_call_queue_id_fk" FOREIGN KEY ("call_queue_id") REFERENCES "public"."call_queue"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_queue" ADD CONSTRAINT "call_queue_template_id_call_templates_id_fk" FOREIGN KEY ("template_id") REFERENCES "public"."call_templates"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "call_template_assistants" ADD CONSTRAINT "call_template_assistants_template_id_call_templates_id_fk" FOREIGN KEY ("template_id") REFERENCES "public"."call_templates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_call_history" ADD CONSTRAINT "user_call_history_call_queue_id_call_queue_id_fk" FOREIGN KEY ("call_queue_id") REFERENCES "public"."call_queue"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_call_history" ADD CONSTRAINT "user_call_history_attempt_id_call_attempts_id_fk" FOREIGN KEY ("attempt_id") REFERENCES "public"."call_attempts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_assistants" ADD CONSTRAINT "provider_assistants_provider_id_call_service_providers_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."call_service_providers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_phone_numbers" ADD CONSTRAINT "provider_phone_numbers_provider_id_call_service_providers_id_fk" FOREIGN KEY ("provider_id") REFERENCES "public"."call_service_providers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stripe_events_waiting_idx" ON "stripe_events" USING btree ("received_at") WHERE status <> 'processed';--> statement-breakpoint
CREATE INDEX "usage_ledger_entries_user_idx" ON "usage_ledger_entries" USING btree ("user_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "usage_ledger_entries_usage_id_idx" ON "usage_ledger_entries" USING btree ("usage_id");--> statement-breakpoint
CREATE INDEX "usage_ledger_entries_call_queue_id_idx" ON "usage_ledger_entries" USING btree ("call_queue_id");--> statement-breakpoint
CREATE INDEX "user_call_usage_subscription_id_idx" ON "user_call_usage" USING btree ("subscription_id");--> statement-breakpoint
CREATE UNIQUE INDEX "user_subscriptions_one_live_key" ON "user_subscriptions" USING btree ("user_id") WHERE status in ('active', 'trialing', 'past_due');--> statement-breakpoint
CREATE INDEX "user_subscriptions_user_id_idx" ON "user_subscriptions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "user_subscriptions_plan_id_idx" ON "user_subscriptions" USING btree ("plan_id");--> statement-breakpoint
CREATE UNIQUE INDEX "call_attempts_one_open_key" ON "call_attempts" USING btree ("call_queue_id") WHERE state in ('placing', 'placed', 'unknown');--> statement-breakpoint
CREATE UNIQUE INDEX "call_attempts_provider_call_key" ON "call_attempts" USING btree ("provider_id","provider_call_id");--> statement-breakpoint
CREATE INDEX "call_attempts_open_idx" ON "call_attempts" USING btree ("provider_id") WHERE state in ('placing', 'placed', 'unknown');--> statement-breakpoint
CREATE INDEX "call_attempts_unsettled_idx" ON "call_attempts" USING btree ("created_at") WHERE not is_settled;--> statement-breakpoint
CREATE INDEX "call_attempts_call_queue_id_idx" ON "call_attempts" USING btree ("call_queue_id");--> statement-breakpoint
CREATE INDEX "call_attempts_phone_number_id_idx" ON "call_attempts" USING btree ("phone_number_id");--> statement-breakpoint
CREATE INDEX "call_attempts_assistant_id_idx" ON "call_attempts" USING btree ("assistant_id");--> statement-breakpoint
CREATE INDEX "call_queue_due_idx" ON "call_queue" USING btree ("due_at","seq") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "call_queue_user_queued_idx" ON "call_queue" USING btree ("user_id") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "call_queue_user_list_idx" ON "call_queue" USING btree ("user_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "call_queue_list_idx" ON "call_queue" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "call_queue_template_id_idx" ON "call_queue" USING btree ("template_id");--> statement-breakpoint
CREATE INDEX "call_queue_provider_id_idx" ON "call_queue" USING btree ("provider_id") WHERE provider_id is not null;--> statement-breakpoint
CREATE INDEX "call_queue_pinned_provider_id_idx" ON "call_queue" USING btree ("pinned_provider_id") WHERE pinned_provider_id is not null;--> statement-breakpoint
CREATE INDEX "call_queue_in_progress_idx" ON "call_queue" USING btree ("provider_id") WHERE status = 'in-progress';--> statement-breakpoint
CREATE INDEX "call_template_assistants_provider_id_idx" ON "call_template_assistants" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "call_template_assistants_assistant_id_idx" ON "call_template_assistants" USING btree ("assistant_id");--> statement-breakpoint
CREATE INDEX "call_templates_created_by_idx" ON "call_templates" USING btree ("created_by");--> statement-breakpoint
CREATE INDEX "call_templates_list_idx" ON "call_templates" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "call_templates_provider_id_idx" ON "call_templates" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "call_templates_assistant_id_idx" ON "call_templates" USING btree ("assistant_id");--> statement-breakpoint
CREATE INDEX "user_call_history_list_idx" ON "user_call_history" USING btree ("user_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "user_call_history_call_queue_id_idx" ON "user_call_history" USING btree ("call_queue_id");--> statement-breakpoint
CREATE INDEX "user_call_history_provider_id_idx" ON "user_call_history" USING btree ("provider_id");--> statement-breakpoint
CREATE INDEX "user_call_history_assistant_id_idx" ON "user_call_history" USING btree ("assistant_id");--> statement-breakpoint
CREATE INDEX "user_call_history_phone_number_id_idx" ON "user_call_history" USING btree ("phone_number_id");--> statement-breakpoint
CREATE INDEX "provider_phone_numbers_choice_idx" ON "provider_phone_numbers" USING btree ("provider_id","last_used_at" NULLS FIRST);--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys" USING btree ("created_at");
CREATE TABLE "admin_audit_entries" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"action" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" uuid,
	"actor_kind" text NOT NULL,
	"actor_user_id" uuid,
	"before" jsonb,
	"after" jsonb,
	"request_id" text,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "admin_audit_entries_actor_check" CHECK ("admin_audit_entries"."actor_kind" in ('user', 'service', 'system')),
	CONSTRAINT "admin_audit_entries_user_check" CHECK ("admin_audit_entries"."actor_kind" <> 'user' or "admin_audit_entries"."actor_user_id" is not null)
);
--> statement-breakpoint
ALTER TABLE "call_queue" ADD COLUMN "recipient_country" text;--> statement-breakpoint
ALTER TABLE "call_service_providers" ADD COLUMN "suspended_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "call_service_providers" ADD COLUMN "suspended_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "call_service_providers" ADD COLUMN "suspension_reason" text;--> statement-breakpoint
ALTER TABLE "call_service_providers" ADD COLUMN "lowered_limit" integer;--> statement-breakpoint
ALTER TABLE "call_service_providers" ADD COLUMN "limit_lowered_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "admin_audit_entries_list_idx" ON "admin_audit_entries" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "admin_audit_entries_subject_idx" ON "admin_audit_entries" USING btree ("subject_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "admin_audit_entries_action_idx" ON "admin_audit_entries" USING btree ("action","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "call_queue" ADD CONSTRAINT "call_queue_recipient_country_check" CHECK ("call_queue"."recipient_country" ~ '^[A-Z]{2}$');--> statement-breakpoint
ALTER TABLE "call_service_providers" ADD CONSTRAINT "call_service_providers_lowered_limit_check" CHECK ("call_service_providers"."lowered_limit" >= 1);--> statement-breakpoint
-- Who changed what is for administrators, who ask the service: no API role reads it, and nobody rewrites it.
alter table public.admin_audit_entries enable row level security;
--> statement-breakpoint
revoke all on public.admin_audit_entries from public, anon, authenticated, service_role;
--> statement-breakpoint
create function ringonce.keep_audit() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception 'admin_audit_entries is append-only' using errcode = 'restrict_violation';
end
$$;
--> statement-breakpoint
revoke all on function ringonce.keep_audit() from public, anon, authenticated, service_role;
--> statement-breakpoint
create trigger keep_audit before update or delete on public.admin_audit_entries
for each row execute function ringonce.keep_audit();
--> statement-breakpoint
create trigger keep_audit_whole before truncate on public.admin_audit_entries
for each statement execute function ringonce.keep_audit();

CREATE TABLE "restored_comparisons" (
	"provider_id" uuid PRIMARY KEY NOT NULL,
	"began_at" timestamp with time zone NOT NULL,
	"page" text,
	"completed_at" timestamp with time zone,
	"must_repeat" boolean DEFAULT false NOT NULL,
	"problem" text,
	"failures" integer DEFAULT 0 NOT NULL,
	"adopted" integer DEFAULT 0 NOT NULL,
	"lost" integer DEFAULT 0 NOT NULL,
	"live" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dispatch_control" ADD COLUMN "restored_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch_control" ADD COLUMN "compared_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch_control" ADD COLUMN "comparison_abandoned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch_control" ADD COLUMN "compared_by" text;--> statement-breakpoint
ALTER TABLE "dispatch_control" ADD COLUMN "compared_by_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "dispatch_control" ADD COLUMN "database_identity" text;--> statement-breakpoint
ALTER TABLE "dispatch_control" ADD CONSTRAINT "dispatch_control_restored_check" CHECK (("dispatch_control"."restored_at" is null) = ("dispatch_control"."compared_since" is null));--> statement-breakpoint
alter table public.restored_comparisons add constraint restored_comparisons_provider_id_fkey foreign key (provider_id) references public.call_service_providers (id) on delete cascade;
--> statement-breakpoint
create trigger touch_updated_at before update on public.restored_comparisons for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint

-- How a restore goes on is between the service and its operator.
alter table public.restored_comparisons enable row level security;
--> statement-breakpoint
revoke all on public.restored_comparisons from public, anon, authenticated, service_role;

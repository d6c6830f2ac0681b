ALTER TABLE "dispatch_control" ADD COLUMN "hang_up_before" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user_call_history" ADD COLUMN "transcript_cleared_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "user_call_history" ADD COLUMN "recording_cleared_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "user_call_history_transcripts_idx" ON "user_call_history" USING btree ("created_at") WHERE transcript_cleared_at is null;--> statement-breakpoint
CREATE INDEX "user_call_history_recordings_idx" ON "user_call_history" USING btree ("created_at") WHERE recording_cleared_at is null;
DROP INDEX "call_queue_user_queued_idx";--> statement-breakpoint
CREATE INDEX "call_queue_user_status_list_idx" ON "call_queue" USING btree ("user_id","status","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "call_queue_status_list_idx" ON "call_queue" USING btree ("status","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);
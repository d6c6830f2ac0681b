-- References that cross from one part of the service to another, and to the accounts of the people who use it.
-- An erased person takes the profile along; what the books need stays, without the name.
alter table public.user_profiles add constraint user_profiles_id_fkey foreign key (id) references auth.users (id) on delete cascade;
--> statement-breakpoint
alter table public.billing_customers add constraint billing_customers_user_id_fkey foreign key (user_id) references auth.users (id) on delete cascade;
--> statement-breakpoint
alter table public.call_queue add constraint call_queue_user_id_fkey foreign key (user_id) references auth.users (id) on delete set null;
--> statement-breakpoint
alter table public.user_call_history add constraint user_call_history_user_id_fkey foreign key (user_id) references auth.users (id) on delete set null;
--> statement-breakpoint
alter table public.user_subscriptions add constraint user_subscriptions_user_id_fkey foreign key (user_id) references auth.users (id) on delete set null;
--> statement-breakpoint
alter table public.user_call_usage add constraint user_call_usage_user_id_fkey foreign key (user_id) references auth.users (id) on delete set null;
--> statement-breakpoint
alter table public.usage_ledger_entries add constraint usage_ledger_entries_user_id_fkey foreign key (user_id) references auth.users (id) on delete set null;
--> statement-breakpoint
alter table public.call_templates add constraint call_templates_created_by_fkey foreign key (created_by) references auth.users (id) on delete set null;
--> statement-breakpoint
alter table public.call_attempts add constraint call_attempts_provider_id_fkey foreign key (provider_id) references public.call_service_providers (id) on delete restrict;
--> statement-breakpoint
alter table public.call_attempts add constraint call_attempts_phone_number_id_fkey foreign key (phone_number_id) references public.provider_phone_numbers (id) on delete restrict;
--> statement-breakpoint
alter table public.call_attempts add constraint call_attempts_assistant_id_fkey foreign key (assistant_id) references public.provider_assistants (id) on delete restrict;
--> statement-breakpoint
alter table public.call_queue add constraint call_queue_provider_id_fkey foreign key (provider_id) references public.call_service_providers (id) on delete restrict;
--> statement-breakpoint
alter table public.call_queue add constraint call_queue_pinned_provider_id_fkey foreign key (pinned_provider_id) references public.call_service_providers (id) on delete restrict;
--> statement-breakpoint
alter table public.user_call_history add constraint user_call_history_provider_id_fkey foreign key (provider_id) references public.call_service_providers (id) on delete restrict;
--> statement-breakpoint
alter table public.user_call_history add constraint user_call_history_assistant_id_fkey foreign key (assistant_id) references public.provider_assistants (id) on delete restrict;
--> statement-breakpoint
alter table public.user_call_history add constraint user_call_history_phone_number_id_fkey foreign key (phone_number_id) references public.provider_phone_numbers (id) on delete restrict;
--> statement-breakpoint
alter table public.call_templates add constraint call_templates_provider_id_fkey foreign key (provider_id) references public.call_service_providers (id) on delete restrict;
--> statement-breakpoint
alter table public.call_templates add constraint call_templates_assistant_id_fkey foreign key (assistant_id) references public.provider_assistants (id) on delete restrict;
--> statement-breakpoint
alter table public.call_template_assistants add constraint call_template_assistants_provider_id_fkey foreign key (provider_id) references public.call_service_providers (id) on delete restrict;
--> statement-breakpoint
-- Deferred: a claim reserves first, and writes the attempt with what was granted later in the same transaction.
alter table public.usage_ledger_entries add constraint usage_ledger_entries_attempt_id_fkey foreign key (attempt_id) references public.call_attempts (id) on delete restrict deferrable initially deferred;
--> statement-breakpoint
alter table public.usage_ledger_entries add constraint usage_ledger_entries_call_queue_id_fkey foreign key (call_queue_id) references public.call_queue (id) on delete restrict deferrable initially deferred;
--> statement-breakpoint
-- Both columns at once: an assistant belongs to the provider that it is named for.
alter table public.call_template_assistants add constraint call_template_assistants_assistant_fkey
foreign key (assistant_id, provider_id) references public.provider_assistants (id, provider_id) on delete restrict;

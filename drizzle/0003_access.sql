-- Who may touch what. Nothing is taken for granted: some Supabase projects give every new table to the API roles,
-- newer ones give none. Each table starts from nothing, and row-level security is on everywhere.
grant usage on schema ringonce to authenticated, service_role;
--> statement-breakpoint
revoke all on all functions in schema ringonce from public, anon, authenticated, service_role;
--> statement-breakpoint

-- Questions that policies ask. They look past row-level security, so they answer about the asking user alone.
create function ringonce.is_active_user() returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.user_profiles where id = (select auth.uid()) and status = 'active'
  )
$$;
--> statement-breakpoint
create function ringonce.can_see_template(template_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.call_templates template
    where template.id = $1 and (template.is_public or template.created_by = (select auth.uid()))
  )
$$;
--> statement-breakpoint
revoke all on function ringonce.is_active_user() from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.can_see_template(uuid) from public, anon, authenticated, service_role;
--> statement-breakpoint
grant execute on function ringonce.is_active_user() to authenticated;
--> statement-breakpoint
grant execute on function ringonce.can_see_template(uuid) to authenticated;
--> statement-breakpoint
revoke all on ringonce.template_routes from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on ringonce.template_routes to authenticated, service_role;
--> statement-breakpoint

alter table public.subscription_plans enable row level security;
--> statement-breakpoint
revoke all on public.subscription_plans from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on public.subscription_plans to anon, authenticated;
--> statement-breakpoint
grant select, insert, update, delete on public.subscription_plans to service_role;
--> statement-breakpoint
create policy subscription_plans_read on public.subscription_plans for select to anon, authenticated using (true);
--> statement-breakpoint

alter table public.user_profiles enable row level security;
--> statement-breakpoint
revoke all on public.user_profiles from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on public.user_profiles to authenticated;
--> statement-breakpoint
grant update (first_name, last_name, phone_number, address, preferences) on public.user_profiles to authenticated;
--> statement-breakpoint
grant select, insert, update, delete on public.user_profiles to service_role;
--> statement-breakpoint
create policy user_profiles_read_own on public.user_profiles for select to authenticated
using (id = (select auth.uid()));
--> statement-breakpoint
create policy user_profiles_change_own on public.user_profiles for update to authenticated
using (id = (select auth.uid())) with check (id = (select auth.uid()));
--> statement-breakpoint

alter table public.user_subscriptions enable row level security;
--> statement-breakpoint
revoke all on public.user_subscriptions from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on public.user_subscriptions to authenticated;
--> statement-breakpoint
grant select, insert, update, delete on public.user_subscriptions to service_role;
--> statement-breakpoint
create policy user_subscriptions_read_own on public.user_subscriptions for select to authenticated
using (user_id = (select auth.uid()));
--> statement-breakpoint

-- Totals and the lines behind them have one writer, the service's own ledger; others only read.
alter table public.user_call_usage enable row level security;
--> statement-breakpoint
revoke all on public.user_call_usage from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on public.user_call_usage to authenticated, service_role;
--> statement-breakpoint
create policy user_call_usage_read_own on public.user_call_usage for select to authenticated
using (user_id = (select auth.uid()));
--> statement-breakpoint

alter table public.usage_ledger_entries enable row level security;
--> statement-breakpoint
revoke all on public.usage_ledger_entries from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on public.usage_ledger_entries to authenticated, service_role;
--> statement-breakpoint
create policy usage_ledger_entries_read_own on public.usage_ledger_entries for select to authenticated
using (user_id = (select auth.uid()));
--> statement-breakpoint

alter table public.billing_customers enable row level security;
--> statement-breakpoint
revoke all on public.billing_customers from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select, insert, update, delete on public.billing_customers to service_role;
--> statement-breakpoint

alter table public.stripe_events enable row level security;
--> statement-breakpoint
revoke all on public.stripe_events from public, anon, authenticated, service_role;
--> statement-breakpoint

alter table public.idempotency_keys enable row level security;
--> statement-breakpoint
revoke all on public.idempotency_keys from public, anon, authenticated, service_role;
--> statement-breakpoint

alter table public.call_templates enable row level security;
--> statement-breakpoint
revoke all on public.call_templates from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select, insert, delete on public.call_templates to authenticated;
--> statement-breakpoint
grant update (
  name, description, category, tags, is_public, provider_id, assistant_id, params, params_order, max_duration_seconds
) on public.call_templates to authenticated;
--> statement-breakpoint
grant select, insert, update, delete on public.call_templates to service_role;
--> statement-breakpoint
create policy call_templates_read on public.call_templates for select to authenticated
using (is_public or created_by = (select auth.uid()));
--> statement-breakpoint
create policy call_templates_add_own on public.call_templates for insert to authenticated
with check (created_by = (select auth.uid()));
--> statement-breakpoint
create policy call_templates_change_own on public.call_templates for update to authenticated
using (created_by = (select auth.uid())) with check (created_by = (select auth.uid()));
--> statement-breakpoint
create policy call_templates_remove_own on public.call_templates for delete to authenticated
using (created_by = (select auth.uid()));
--> statement-breakpoint

alter table public.call_template_assistants enable row level security;
--> statement-breakpoint
revoke all on public.call_template_assistants from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select, insert, delete on public.call_template_assistants to authenticated;
--> statement-breakpoint
grant update (provider_id, assistant_id) on public.call_template_assistants to authenticated;
--> statement-breakpoint
grant select, insert, update, delete on public.call_template_assistants to service_role;
--> statement-breakpoint
create policy call_template_assistants_read on public.call_template_assistants for select to authenticated
using (template_id in (select id from public.call_templates where is_public or created_by = (select auth.uid())));
--> statement-breakpoint
create policy call_template_assistants_add_own on public.call_template_assistants for insert to authenticated
with check (template_id in (select id from public.call_templates where created_by = (select auth.uid())));
--> statement-breakpoint
create policy call_template_assistants_change_own on public.call_template_assistants for update to authenticated
using (template_id in (select id from public.call_templates where created_by = (select auth.uid())))
with check (template_id in (select id from public.call_templates where created_by = (select auth.uid())));
--> statement-breakpoint
create policy call_template_assistants_remove_own on public.call_template_assistants for delete to authenticated
using (template_id in (select id from public.call_templates where created_by = (select auth.uid())));
--> statement-breakpoint

alter table public.call_queue enable row level security;
--> statement-breakpoint
revoke all on public.call_queue from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on public.call_queue to authenticated;
--> statement-breakpoint
grant insert (user_id, recipient_number, scheduled_time, template_id, custom_variables) on public.call_queue to authenticated;
--> statement-breakpoint
grant select, insert, update, delete on public.call_queue to service_role;
--> statement-breakpoint
create policy call_queue_read_own on public.call_queue for select to authenticated
using (user_id = (select auth.uid()));
--> statement-breakpoint
create policy call_queue_add_own on public.call_queue for insert to authenticated
with check (
  user_id = (select auth.uid()) and (select ringonce.is_active_user()) and ringonce.can_see_template(template_id)
);
--> statement-breakpoint

-- Attempts hold a provider's slots: the dispatcher alone writes them. What a vendor said about a refusal, and which
-- process claimed the call, is for operators.
alter table public.call_attempts enable row level security;
--> statement-breakpoint
revoke all on public.call_attempts from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select (
  id, call_queue_id, provider_id, phone_number_id, assistant_id, state, progress, provider_call_id, refusal, outcome,
  reserved_minutes, placed_at, ended_at, created_at, updated_at
) on public.call_attempts to authenticated;
--> statement-breakpoint
grant select on public.call_attempts to service_role;
--> statement-breakpoint
create policy call_attempts_read_own on public.call_attempts for select to authenticated
using (
  exists (select 1 from public.call_queue call where call.id = call_queue_id and call.user_id = (select auth.uid()))
);
--> statement-breakpoint

alter table public.user_call_history enable row level security;
--> statement-breakpoint
revoke all on public.user_call_history from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select on public.user_call_history to authenticated;
--> statement-breakpoint
grant select, insert, update, delete on public.user_call_history to service_role;
--> statement-breakpoint
create policy user_call_history_read_own on public.user_call_history for select to authenticated
using (user_id = (select auth.uid()));
--> statement-breakpoint

alter table public.dispatch_control enable row level security;
--> statement-breakpoint
revoke all on public.dispatch_control from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select, update on public.dispatch_control to service_role;
--> statement-breakpoint

alter table public.call_service_providers enable row level security;
--> statement-breakpoint
revoke all on public.call_service_providers from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select, insert, update, delete on public.call_service_providers to service_role;
--> statement-breakpoint

alter table public.provider_phone_numbers enable row level security;
--> statement-breakpoint
revoke all on public.provider_phone_numbers from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select, insert, update, delete on public.provider_phone_numbers to service_role;
--> statement-breakpoint

-- Users choose assistants for their templates by name; the vendor's ids stay inside.
alter table public.provider_assistants enable row level security;
--> statement-breakpoint
revoke all on public.provider_assistants from public, anon, authenticated, service_role;
--> statement-breakpoint
grant select (id, provider_id, name, is_active) on public.provider_assistants to authenticated;
--> statement-breakpoint
grant select, insert, update, delete on public.provider_assistants to service_role;
--> statement-breakpoint
create policy provider_assistants_read on public.provider_assistants for select to authenticated using (true);
--> statement-breakpoint

revoke all on sequence public.call_queue_seq_seq, public.usage_ledger_entries_seq_seq
from public, anon, authenticated, service_role;

-- What the tables do by themselves. The functions live in a schema of their own that no Data API exposes.
create schema ringonce;
--> statement-breakpoint
revoke all on schema ringonce from public;
--> statement-breakpoint
create function ringonce.touch_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;
--> statement-breakpoint
create function ringonce.touch_call_usage() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := clock_timestamp();
  new.last_updated := new.updated_at;
  return new;
end
$$;
--> statement-breakpoint
create trigger touch_updated_at before update on public.billing_customers for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.call_attempts for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.call_queue for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.call_service_providers for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.call_template_assistants for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.call_templates for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.dispatch_control for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.provider_assistants for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.provider_phone_numbers for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.subscription_plans for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.user_call_history for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.user_call_usage for each row execute function ringonce.touch_call_usage();
--> statement-breakpoint
create trigger touch_updated_at before update on public.user_profiles for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint
create trigger touch_updated_at before update on public.user_subscriptions for each row execute function ringonce.touch_updated_at();
--> statement-breakpoint

-- The ledger only grows. The one change it admits is the foreign key's own action that forgets an erased user:
-- that update runs inside another trigger, hence the depth.
create function ringonce.keep_ledger() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and pg_trigger_depth() > 1 and new.user_id is null
    and to_jsonb(new) - 'user_id' = to_jsonb(old) - 'user_id' then
    return new;
  end if;
  raise exception 'usage_ledger_entries is append-only' using errcode = 'restrict_violation';
end
$$;
--> statement-breakpoint
create trigger keep_ledger before update or delete on public.usage_ledger_entries
for each row execute function ringonce.keep_ledger();
--> statement-breakpoint
create trigger keep_ledger_whole before truncate on public.usage_ledger_entries
for each statement execute function ringonce.keep_ledger();
--> statement-breakpoint

-- A failure here would stop people from signing up: everything is cut to length, nothing is required.
create function ringonce.create_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.user_profiles (id, email, phone_number, first_name, last_name)
  values (
    new.id,
    left(new.email, 320),
    nullif(left(new.phone, 32), ''),
    left(new.raw_user_meta_data ->> 'first_name', 100),
    left(new.raw_user_meta_data ->> 'last_name', 100)
  )
  on conflict (id) do nothing;
  return new;
end
$$;
--> statement-breakpoint
create function ringonce.follow_email() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles set email = left(new.email, 320) where id = new.id;
  return new;
end
$$;
--> statement-breakpoint
create trigger ringonce_create_profile after insert on auth.users
for each row execute function ringonce.create_profile();
--> statement-breakpoint
create trigger ringonce_follow_email after update of email on auth.users
for each row when (old.email is distinct from new.email) execute function ringonce.follow_email();
--> statement-breakpoint

-- Whoever signed up before this service came gets a profile as well.
insert into public.user_profiles (id, email, phone_number)
select id, left(email, 320), nullif(left(phone, 32), '') from auth.users
on conflict (id) do nothing;
--> statement-breakpoint

-- NOTIFY takes a lock at commit: once per statement, and only when there is something to wake dispatchers for.
create function ringonce.announce_queued_calls() returns trigger
language plpgsql set search_path = '' as $$
begin
  if exists (select 1 from inserted where inserted.status = 'queued') then
    perform pg_notify('ringonce_calls', '');
  end if;
  return null;
end
$$;
--> statement-breakpoint
create trigger announce_queued_calls after insert on public.call_queue
referencing new table as inserted
for each statement execute function ringonce.announce_queued_calls();
--> statement-breakpoint

-- Which provider can say a template, and with which of its assistants: the template's own assistant first, then the
-- ones for further providers; a pinned template stays with its provider. Inactive assistants count: calls wait for
-- them, while calls without any route fail.
create view ringonce.template_routes with (security_invoker = true) as
select template.id as template_id, assistant.provider_id, assistant.id as assistant_id
from public.call_templates template
join public.provider_assistants assistant on assistant.id = template.assistant_id
where template.provider_id is null or template.provider_id = assistant.provider_id
union all
select template.id, assistant.provider_id, assistant.id
from public.call_templates template
join public.call_template_assistants further on further.template_id = template.id
join public.provider_assistants assistant on assistant.id = further.assistant_id
where (template.provider_id is null or template.provider_id = assistant.provider_id)
  and not exists (
    select 1 from public.provider_assistants own
    where own.id = template.assistant_id and own.provider_id = assistant.provider_id
  );
--> statement-breakpoint

-- Rows that are updated again and again: room on their pages, and vacuum long before the default would come.
alter table public.call_queue set (
  fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05
);
--> statement-breakpoint
alter table public.call_attempts set (
  fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05
);
--> statement-breakpoint
alter table public.user_call_usage set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

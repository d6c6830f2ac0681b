/**
 * Two witnesses in the storm's database. Each writes down, inside the very transaction, what was true when an attempt
 * was opened (open attempts of its provider, and the limit) and when something was reserved (what the period holds,
 * its copy of the limits, and what the subscription grants by a reading of our own).
 */
export const WITNESS = `
create schema storm;

create table storm.admissions (
  seq bigint generated always as identity, attempt_id uuid primary key, provider_id uuid not null,
  open integer not null, most integer not null
);
create function storm.see_admission() returns trigger
language plpgsql security definer set search_path = public as $$
begin
  insert into storm.admissions (attempt_id, provider_id, open, most)
  select new.id, new.provider_id,
         (select count(*) from call_attempts
           where provider_id = new.provider_id and state in ('placing', 'placed', 'unknown')),
         (select concurrency_limit from call_service_providers where id = new.provider_id);
  return null;
end
$$;
create trigger storm_admission after insert on public.call_attempts
for each row execute function storm.see_admission();

create table storm.reservations (
  attempt_id uuid primary key, user_id uuid, calls integer not null, minutes integer not null,
  calls_limit integer, minutes_limit integer, calls_granted integer, minutes_granted integer,
  begun_at timestamptz not null, seen_at timestamptz not null
);
create function storm.granted(whom uuid, out calls integer, out minutes integer)
language sql stable security definer set search_path = public as $$
  select case when plan.slug = 'enterprise' and own.user_id is not null then own.call_limit else plan.call_limit end,
         case when plan.slug = 'enterprise' and own.user_id is not null then own.minutes_limit else plan.minutes_limit end
    from user_subscriptions as subscription
    join subscription_plans as plan on plan.id = subscription.plan_id
    left join user_plan_limits as own on own.user_id = subscription.user_id
   where subscription.user_id = whom and subscription.status = 'active'
$$;
create function storm.see_reservation() returns trigger
language plpgsql security definer set search_path = public as $$
begin
  insert into storm.reservations
  select new.attempt_id, new.user_id, calls_used + calls_reserved, minutes_used + minutes_reserved,
         calls_limit, minutes_limit, granted.calls, granted.minutes, transaction_timestamp(), clock_timestamp()
    from user_call_usage, storm.granted(new.user_id) as granted where id = new.usage_id;
  return null;
end
$$;
create trigger storm_reservation after insert on public.usage_ledger_entries
for each row when (new.kind = 'reserve') execute function storm.see_reservation();

create table storm.grants (
  user_id uuid not null, calls integer, minutes integer, changed_at timestamptz not null default clock_timestamp()
);
create function storm.see_grant() returns trigger
language plpgsql security definer set search_path = public as $$
begin
  insert into storm.grants (user_id, calls, minutes) select new.user_id, calls, minutes from storm.granted(new.user_id);
  return null;
end
$$;
create trigger storm_grant after insert or update on public.user_subscriptions
for each row execute function storm.see_grant();
create trigger storm_grant after insert or update on public.user_plan_limits
for each row execute function storm.see_grant();
`;

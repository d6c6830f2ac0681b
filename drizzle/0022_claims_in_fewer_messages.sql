-- A claim's messages become fewer, and none of its statements is planned each time; what a group of answers is recorded by
-- begins with one message less. For the service alone.

-- How a provider's health stands, its times in milliseconds from now.
create function ringonce.health_of_provider(wanted uuid) returns json
language plpgsql volatile set search_path = '' as $$
begin
  return (
    select json_build_object(
      'breaker', health, 'failures', failures,
      'probeInMs', extract(epoch from probe_at - clock_timestamp())::float8 * 1000,
      'pausedForMs', extract(epoch from paused_until - clock_timestamp())::float8 * 1000,
      'pauseReason', pause_reason, 'pauses', pauses,
      'isSuspended', suspended_at is not null and (suspended_until is null or suspended_until > clock_timestamp()),
      'loweredLimit', lowered_limit,
      'loweredForMs', extract(epoch from clock_timestamp() - limit_lowered_at)::float8 * 1000
    )
    from public.call_service_providers where id = wanted
  );
end
$$;
--> statement-breakpoint

-- Active providers as the dispatcher sees them, in the order of their ids; locked where that is asked for. The second
-- statement has a snapshot of its own: the one that waited for the locks would not see what the last holder committed.
create function ringonce.active_providers(is_locking boolean) returns table (state json)
language plpgsql volatile set search_path = '' as $$
declare
  wanted uuid[];
begin
  if is_locking then
    wanted := array(select id from public.call_service_providers where is_active order by id for no key update);
  else
    wanted := array(select id from public.call_service_providers where is_active);
  end if;
  return query
    select json_build_object(
      'id', provider.id, 'name', provider.name, 'driver', provider.driver, 'baseUrl', provider.base_url,
      'encryptedCredentials', provider.api_credentials, 'priority', provider.priority,
      'concurrencyLimit', provider.concurrency_limit,
      'health', ringonce.health_of_provider(provider.id),
      -- Those that do not rest, the one unused longest first.
      'phoneNumbers', (
        select coalesce(
          json_agg(
            json_build_object('id', number.id, 'externalId', number.phone_id, 'fullNumber', number.full_number,
              'countryCode', number.country_code, 'areaCode', number.area_code, 'capabilities', number.capabilities)
            order by number.last_used_at nulls first, number.id
          ), '[]')
        from public.provider_phone_numbers as number
        where number.provider_id = provider.id and number.is_active
          and (number.quarantined_until is null or number.quarantined_until <= clock_timestamp())
      ),
      'assistants', (
        select coalesce(json_object_agg(assistant.id, assistant.external_id), '{}')
        from public.provider_assistants as assistant
        where assistant.provider_id = provider.id and assistant.is_active
      )
    )
    from public.call_service_providers as provider
    where provider.id = any (wanted)
    order by provider.id;
end
$$;
--> statement-breakpoint

-- Locks the period that runs for each of the users and tells what each has left, as the last holder committed it; locks
-- and tells nothing unless every one of the periods holds what is granted as far as that can be seen without reckoning:
-- whoever has to bring one into step locks subscriptions first.
create function ringonce.lock_running_periods(owners uuid[], moment timestamptz)
returns table (id uuid, calls integer, minutes integer)
language plpgsql volatile set search_path = '' as $$
#variable_conflict use_column
declare
  running uuid[];
begin
  running := array(
    select usage.id
    from public.user_subscriptions as subscription
    join public.subscription_plans as plan on plan.id = subscription.plan_id
    left join public.user_plan_limits as own on own.user_id = subscription.user_id and plan.slug = 'enterprise'
    join public.user_call_usage as usage on usage.user_id = subscription.user_id
    where subscription.user_id = any (owners) and subscription.status in ('active', 'trialing', 'past_due')
      and subscription.next_plan_id is null and subscription.grants_until is null
      and usage.billing_period_start > moment - interval '32 days'
      and usage.billing_period_start <= moment and usage.billing_period_end > moment
      and usage.calls_limit is not distinct from
        case when own.user_id is null then plan.call_limit else own.call_limit end
      and usage.minutes_limit is not distinct from
        case when own.user_id is null then plan.minutes_limit else own.minutes_limit end
  );
  if cardinality(running) <> cardinality(owners) then
    return;
  end if;
  return query
    select usage.id, usage.calls_remaining, usage.minutes_remaining
    from public.user_call_usage as usage
    where usage.id = any (running)
    order by usage.user_id, usage.billing_period_start, usage.id
    for no key update;
end
$$;
--> statement-breakpoint

revoke all on function ringonce.health_of_provider(uuid) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.active_providers(boolean) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.lock_running_periods(uuid[], timestamptz) from public, anon, authenticated, service_role;

-- What a claim asks of the database. PostgreSQL plans a statement that comes as text each time, which costs more than to
-- execute it; the plans of a function's statements stay with the connection. For the service alone.

-- Open attempts of each provider, and whether nothing may be claimed; one row without a provider when there are none.
-- Exact while the providers are locked, and only for who asks behind the locks.
create function ringonce.open_attempts()
returns table ("providerId" uuid, open integer, "isPaused" boolean)
language plpgsql volatile set search_path = '' as $$
begin
  return query
    select held.provider_id, coalesce(held.attempts, 0)::integer,
      coalesce(control.is_paused or control.restored_at is not null, false)
    from (select) as always
    left join public.dispatch_control as control on true
    left join (
      select attempt.provider_id, count(*) as attempts from public.call_attempts as attempt
      where attempt.state in ('placing', 'placed', 'unknown') group by attempt.provider_id
    ) as held on true;
end
$$;
--> statement-breakpoint

-- Locks due calls, the first ones first. Right after many calls were queued the statistics do not know them, and all that
-- are due would be sorted, once for each claim: so it is planned by index, whatever they say.
--
-- The ways of all templates are read once, so that calls which nobody can take now are passed over by a hashed look-up
-- each, however many wait; only those that pass it are looked at closely. A row that still has an open attempt is never
-- taken, whoever has put it back to `queued`.
create function ringonce.lock_due_calls(
  -- How many at most; the providers with room for a call; those of them whose numbers may call everywhere, the others,
  -- and where those may call ('<provider> <country>'); how long a provider that could not be reached for a call is none.
  most integer, usable uuid[], unlimited uuid[], limited uuid[], destinations text[], avoided_seconds double precision
) returns table (
  id uuid, "userId" uuid, "isUserActive" boolean, "recipientNumber" text, "customVariables" jsonb, template jsonb,
  routes jsonb, "isServable" boolean, "avoidProviderIds" uuid[]
)
language plpgsql volatile set search_path = '' set enable_sort = off set enable_seqscan = off as $$
#variable_conflict use_column
begin
  return query
    with way as materialized (
      select route.template_id, route.provider_id, route.assistant_id,
        provider.is_active and assistant.is_active as is_open
      from ringonce.template_routes as route
      join public.call_service_providers as provider on provider.id = route.provider_id
      join public.provider_assistants as assistant on assistant.id = route.assistant_id
    )
    select queued.id, queued.user_id,
      coalesce((select status = 'active' from public.user_profiles where id = queued.user_id), false),
      queued.recipient_number, queued.custom_variables,
      case when template.id is not null then jsonb_build_object(
        'params', template.params, 'paramsOrder', template.params_order,
        'maxDurationSeconds', template.max_duration_seconds) end,
      coalesce(ways.routes, '[]'::jsonb), ways.is_servable is not null, avoided.provider_ids
    from public.call_queue as queued
    left join public.call_templates as template on template.id = queued.template_id
    left join lateral (
      select true as is_servable,
        jsonb_agg(jsonb_build_object('providerId', way.provider_id, 'assistantId', way.assistant_id))
          filter (where way.is_open) as routes
      from way
      where way.template_id = queued.template_id
        and (queued.pinned_provider_id is null or queued.pinned_provider_id = way.provider_id)
      having count(*) > 0
    ) as ways on true
    cross join lateral (
      select case when queued.attempts = 0 then '{}'::uuid[] else array(
        select attempt.provider_id from public.call_attempts as attempt
        where attempt.call_queue_id = queued.id and attempt.refusal = 'unreachable'
          and attempt.ended_at > clock_timestamp() - make_interval(secs => avoided_seconds)) end as provider_ids
    ) as avoided
    where queued.status = 'queued' and queued.due_at <= statement_timestamp()
      and (queued.template_id is null
        or case when queued.pinned_provider_id is null
          then queued.template_id in (select template_id from way where is_open and provider_id = any (usable))
            or queued.template_id not in (select template_id from way)
          else (queued.template_id, queued.pinned_provider_id) in
              (select template_id, provider_id from way where is_open and provider_id = any (usable))
            or (queued.template_id, queued.pinned_provider_id) not in (select template_id, provider_id from way)
        end)
      and (ways.is_servable is null
        or exists (
          select from jsonb_array_elements(ways.routes) as route
          where (route ->> 'providerId')::uuid <> all (avoided.provider_ids)
            and ((route ->> 'providerId')::uuid = any (unlimited)
              or (route ->> 'providerId')::uuid = any (limited)
                and (queued.recipient_country is null
                  or (route ->> 'providerId') || ' ' || queued.recipient_country = any (destinations)))))
      and (queued.attempts = 0
        or not exists (
          select from public.call_attempts as open
          where open.call_queue_id = queued.id and open.state in ('placing', 'placed', 'unknown')))
    order by queued.due_at, queued.seq
    limit most
    for update of queued skip locked;
end
$$;
--> statement-breakpoint

-- Opens attempts and sets their calls in progress. Nothing has been sent yet.
create function ringonce.start_attempts(attempts json, claimant text) returns void
language plpgsql volatile set search_path = '' as $$
begin
  with started as (
    insert into public.call_attempts
      (id, call_queue_id, provider_id, phone_number_id, assistant_id, reserved_minutes, claimed_by)
    select id, "callQueueId", "providerId", "phoneNumberId", "assistantId", "reservedMinutes", claimant
    from json_to_recordset(start_attempts.attempts) as attempt (
      id uuid, "callQueueId" uuid, "providerId" uuid, "phoneNumberId" uuid, "assistantId" uuid,
      "reservedMinutes" integer)
    returning call_queue_id, provider_id
  )
  update public.call_queue as call
  set status = 'in-progress', provider_id = started.provider_id, attempts = call.attempts + 1
  from started where call.id = started.call_queue_id;
end
$$;
--> statement-breakpoint

-- Notes that calls go out from numbers: the next choice falls on others, and a provider that awaited a probe has it under
-- way until so many milliseconds have passed.
create function ringonce.use_phone_numbers(numbers uuid[], probe_ms double precision) returns void
language plpgsql volatile set search_path = '' as $$
begin
  with used as (
    update public.provider_phone_numbers set last_used_at = clock_timestamp()
    where id = any (numbers)
    returning provider_id
  )
  update public.call_service_providers
  set health = 'half-open', probe_at = clock_timestamp() + probe_ms * interval '1 millisecond'
  where health <> 'closed' and id in (select provider_id from used);
end
$$;
--> statement-breakpoint

-- Writes lines and adds them to the totals of their periods, whose rows the transaction has locked: nothing else changes
-- totals. The SET reads each row as it is when the update happens, so no change is ever lost.
create function ringonce.append_usage_lines(lines json) returns void
language plpgsql volatile set search_path = '' as $$
begin
  with line as (
    insert into public.usage_ledger_entries
      (user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls, reserved_minutes)
    select (select user_id from public.user_call_usage where id = "usageId"), "usageId", "attemptId", "callQueueId",
      kind, calls, minutes, "reservedCalls", "reservedMinutes"
    from json_to_recordset(lines) as told (
      "usageId" uuid, "attemptId" uuid, "callQueueId" uuid, kind text,
      calls integer, minutes integer, "reservedCalls" integer, "reservedMinutes" integer)
    returning usage_id, kind, calls, minutes, reserved_calls, reserved_minutes
  ), total as (
    select usage_id, coalesce(sum(calls) filter (where kind in ('settle', 'adjust')), 0) as calls,
      coalesce(sum(minutes) filter (where kind in ('settle', 'adjust')), 0) as minutes,
      sum(reserved_calls) as reserved_calls, sum(reserved_minutes) as reserved_minutes
    from line group by usage_id
  )
  update public.user_call_usage as usage
  set calls_used = usage.calls_used + total.calls,
    minutes_used = usage.minutes_used + total.minutes,
    calls_reserved = usage.calls_reserved + total.reserved_calls,
    minutes_reserved = usage.minutes_reserved + total.reserved_minutes
  from total
  where usage.id = total.usage_id;
end
$$;
--> statement-breakpoint

revoke all on function ringonce.open_attempts() from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function
  ringonce.lock_due_calls(integer, uuid[], uuid[], uuid[], text[], double precision)
from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.start_attempts(json, text) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.use_phone_numbers(uuid[], double precision) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.append_usage_lines(json) from public, anon, authenticated, service_role;

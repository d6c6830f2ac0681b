-- What a request that queues calls asks of the database, in few round trips: a function does what would be several
-- statements, and its plans stay with the connection, where planning would cost more than the rest. For the service
-- alone, but for what users may ask about themselves.

-- Reserves a key until the transaction ends, and tells the answer that is kept for it. The second statement's snapshot
-- is taken when the lock is held, so it shows what the one who held it before has committed.
create function ringonce.take_idempotency_key(owner text, wanted text, moment timestamptz)
returns table (is_taken boolean, route text, request_hash text, status integer, response jsonb)
language plpgsql volatile set search_path = '' as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended(owner || ' ' || wanted, 0)) then
    return query select false, null::text, null::text, null::integer, null::jsonb;
    return;
  end if;
  return query
    select true, kept.route, kept.request_hash, kept.status, kept.response
    from (select) as always
    left join public.idempotency_keys kept
      on kept.subject = owner and kept.key = wanted and kept.created_at > moment - interval '24 hours';
end
$$;
--> statement-breakpoint

-- Takes some expired keys away: more than one request brings, so the table stays as large as one day. Skips those that
-- another request is about to take away, so that nobody waits.
create function ringonce.sweep_idempotency_keys(moment timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
begin
  delete from public.idempotency_keys where (subject, key) in (
    select expired.subject, expired.key from public.idempotency_keys expired
    where expired.created_at < moment - interval '24 hours'
    order by expired.created_at limit 5
    for update skip locked
  );
end
$$;
--> statement-breakpoint

-- Keeps the first answer to a request. It replaces an expired one, and the mark (status 102) of the request's own run.
create function ringonce.keep_idempotent_answer(
  owner text, wanted text, its_route text, its_hash text, its_status integer, its_response jsonb, own_run text,
  moment timestamptz
) returns void
language plpgsql volatile set search_path = '' as $$
begin
  insert into public.idempotency_keys as kept (subject, key, route, request_hash, status, response, created_at)
  values (owner, wanted, its_route, its_hash, its_status, its_response, moment)
  on conflict on constraint idempotency_keys_pkey do update
    set route = excluded.route, request_hash = excluded.request_hash, status = excluded.status,
      response = excluded.response, created_at = moment
    where kept.created_at <= moment - interval '24 hours'
      or (kept.status = 102 and kept.response = to_jsonb(own_run));
  perform ringonce.sweep_idempotency_keys(moment);
end
$$;
--> statement-breakpoint

-- What live subscriptions grant at a moment, and what of it is gone. Beside the current period's row there are earlier
-- ones, and one of them may still run, from before the subscription's anchor moved. A month has at most 31 days, so the
-- current one began no longer ago.
create function ringonce.current_allowances(owners uuid[], moment timestamptz)
returns table (
  "userId" uuid, "subscriptionId" uuid, "recordedStart" timestamptz, "recordedEnd" timestamptz,
  "grantsUntil" timestamptz, "readAt" timestamptz, slug text, calls integer, minutes integer, "nextPlan" json,
  "freePlan" json, "ownLimits" json, "usageId" uuid, "start" timestamptz, "end" timestamptz,
  "queuedCallsLimit" integer, "callsLimit" integer, "callsUsed" integer, "callsReserved" integer,
  "minutesLimit" integer, "minutesUsed" integer, "minutesReserved" integer
)
language plpgsql stable set search_path = '' as $$
begin
  return query
    select subscription.user_id, subscription.id, subscription.current_period_start, subscription.current_period_end,
      subscription.grants_until, moment, plan.slug, plan.call_limit, plan.minutes_limit,
      case when subscription.next_plan_id is not null then (
        select json_build_object('slug', next.slug, 'calls', next.call_limit, 'minutes', next.minutes_limit)
        from public.subscription_plans next where next.id = subscription.next_plan_id
      ) end,
      case when subscription.grants_until is not null then (
        select json_build_object('slug', free.slug, 'calls', free.call_limit, 'minutes', free.minutes_limit)
        from public.subscription_plans free where free.slug = 'free' and free.interval = 'monthly'
      ) end,
      case when plan.slug = 'enterprise' or subscription.next_plan_id is not null then (
        select json_build_object('calls', own.call_limit, 'minutes', own.minutes_limit)
        from public.user_plan_limits own where own.user_id = subscription.user_id
      ) end,
      usage.id, usage.billing_period_start, usage.billing_period_end, plan.queued_calls_limit,
      usage.calls_limit, usage.calls_used, usage.calls_reserved,
      usage.minutes_limit, usage.minutes_used, usage.minutes_reserved
    from public.user_subscriptions subscription
    join public.subscription_plans plan on plan.id = subscription.plan_id
    left join public.user_call_usage usage on usage.user_id = subscription.user_id
      and usage.billing_period_start > moment - interval '32 days'
    where subscription.user_id = any (owners) and subscription.status in ('active', 'trialing', 'past_due');
end
$$;
--> statement-breakpoint

-- The next two become the user in between: row-level security applies, and auth.uid() and its relatives answer. Every
-- setting that these read is set, because a stale one would win over fresh claims. Afterwards it is the service again,
-- which alone may call them; where a statement fails, the end of the transaction gives the rights back. Their search
-- path is the usual one, for triggers that whoever hosts the database may have added.

-- The template as its user sees it; no row when the user does not.
create function ringonce.see_template(claims jsonb, wanted uuid) returns setof public.call_templates
language plpgsql volatile set search_path = public, extensions, pg_temp as $$
begin
  perform set_config('request.jwt.claims', claims::text, true),
    set_config('request.jwt.claim.sub', claims ->> 'sub', true),
    set_config('request.jwt.claim.role', 'authenticated', true),
    set_config('role', 'authenticated', true);
  return query
    select template.* from public.call_templates template
    where template.id = wanted and (template.is_public or template.created_by = (claims ->> 'sub')::uuid);
  perform set_config('request.jwt.claims', '', true),
    set_config('request.jwt.claim.sub', '', true),
    set_config('request.jwt.claim.role', '', true),
    set_config('role', 'none', true);
end
$$;
--> statement-breakpoint

-- Queues a user's calls with the user's own rights, all or none: each is an array of number, time and variables. The
-- rows come back in the order in which they were given, which is the order of seq.
create function ringonce.add_calls(claims jsonb, wanted_template uuid, calls jsonb) returns setof public.call_queue
language plpgsql volatile set search_path = public, extensions, pg_temp as $$
begin
  perform set_config('request.jwt.claims', claims::text, true),
    set_config('request.jwt.claim.sub', claims ->> 'sub', true),
    set_config('request.jwt.claim.role', 'authenticated', true),
    set_config('role', 'authenticated', true);
  return query
    with added as (
      insert into public.call_queue (user_id, recipient_number, scheduled_time, template_id, custom_variables)
      select (claims ->> 'sub')::uuid, call ->> 0, (call ->> 1)::timestamptz, wanted_template, call -> 2
      from jsonb_array_elements(calls) with ordinality as given (call, place)
      order by place
      returning *
    )
    select * from added order by seq;
  perform set_config('request.jwt.claims', '', true),
    set_config('request.jwt.claim.sub', '', true),
    set_config('request.jwt.claim.role', '', true),
    set_config('role', 'none', true);
end
$$;
--> statement-breakpoint

revoke all on function ringonce.take_idempotency_key(text, text, timestamptz) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.sweep_idempotency_keys(timestamptz) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.keep_idempotent_answer(text, text, text, text, integer, jsonb, text, timestamptz)
from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.current_allowances(uuid[], timestamptz) from public, anon, authenticated, service_role;
--> statement-breakpoint
grant execute on function ringonce.current_allowances(uuid[], timestamptz) to authenticated;
--> statement-breakpoint
revoke all on function ringonce.see_template(jsonb, uuid) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.add_calls(jsonb, uuid, jsonb) from public, anon, authenticated, service_role;

-- Requests that come at the same time share transactions and messages: what each of them asks for is one value in a
-- statement with those of the others. For the service alone.

-- Volatile, like what it calls, whose second statement has to see what is committed when the lock is held.
create function ringonce.take_idempotency_key_as_json(owner text, wanted text, moment timestamptz) returns json
language plpgsql volatile set search_path = '' as $$
begin
  return (
    select json_build_object('isTaken', taken.is_taken, 'stored', case when taken.route is not null then
      json_build_object('route', taken.route, 'requestHash', taken.request_hash, 'status', taken.status,
        'response', taken.response) end)
    from ringonce.take_idempotency_key(owner, wanted, moment) as taken
  );
end
$$;
--> statement-breakpoint

-- Queues one call with its user's own rights, given like those of add_calls.
create function ringonce.add_call(claims jsonb, wanted_template uuid, call jsonb) returns json
language plpgsql volatile set search_path = '' as $$
begin
  return (
    select json_build_object('id', added.id, 'userId', added.user_id, 'status', added.status,
      'recipientNumber', added.recipient_number, 'scheduledTime', added.scheduled_time,
      'templateId', added.template_id, 'customVariables', added.custom_variables,
      'createdAt', added.created_at, 'updatedAt', added.updated_at)
    from ringonce.add_calls(claims, wanted_template, call) as added
  );
end
$$;
--> statement-breakpoint

revoke all on function ringonce.take_idempotency_key_as_json(text, text, timestamptz)
from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.add_call(jsonb, uuid, jsonb) from public, anon, authenticated, service_role;
--> statement-breakpoint

-- What counts the calls of one user that wait is planned anew each time: a plan that a connection made while nothing
-- waited may go through everybody's calls later, and planning costs less than that. Otherwise both are as before.
alter function ringonce.queued_calls_of(uuid) set plan_cache_mode = force_custom_plan;
--> statement-breakpoint
create or replace function ringonce.limit_queued_calls() returns trigger
language plpgsql set search_path = '' as $$
declare
  author uuid;
  most integer;
  is_exceeded boolean;
begin
  if current_user <> 'authenticated' then
    return null;
  end if;
  for author in select distinct inserted.user_id from inserted loop
    select plan.queued_calls_limit into most
    from public.user_subscriptions subscription
    join public.subscription_plans plan on plan.id = subscription.plan_id
    where subscription.user_id = author and subscription.status in ('active', 'trialing', 'past_due');
    if not found then
      most := 0;
    end if;
    execute $counting$
      select exists (
        select from public.call_queue waiting
        where waiting.user_id = $1 and waiting.status = 'queued' and $2 is not null
        offset $2 limit 1
      )
    $counting$ into is_exceeded using author, most;
    if is_exceeded then
      raise exception 'no more than % calls may wait at a time', most
        using errcode = 'check_violation', schema = 'public', table = 'call_queue',
          constraint = 'call_queue_queued_calls_limit';
    end if;
  end loop;
  return null;
end
$$;

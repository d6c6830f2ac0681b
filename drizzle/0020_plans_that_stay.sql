-- What a request that queues a call is told by several modules comes in one message. Each part is a function's value:
-- its plan stays with the connection, where a SELECT around it would be planned anew for every request, which takes
-- longer than all parts together. For the service alone.

create function ringonce.is_active(wanted uuid) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from public.user_profiles where id = wanted and status = 'active');
end
$$;
--> statement-breakpoint
create function ringonce.queued_calls_of(owner uuid) returns json
language plpgsql stable set search_path = '' as $$
begin
  return (
    select json_build_object('count', count(*), 'lastDueAt', max(due_at))
    from public.call_queue where user_id = owner and status = 'queued'
  );
end
$$;
--> statement-breakpoint
create function ringonce.current_allowances_as_json(owners uuid[], moment timestamptz) returns json
language plpgsql stable set search_path = '' as $$
begin
  return (
    select coalesce(json_agg(allowance), '[]') from ringonce.current_allowances(owners, moment) as allowance
  );
end
$$;
--> statement-breakpoint
create function ringonce.see_template_terms(claims jsonb, wanted uuid) returns json
language plpgsql volatile set search_path = '' as $$
begin
  return (
    select json_build_object('id', template.id, 'providerId', template.provider_id,
      'params', template.params, 'paramsOrder', template.params_order)
    from ringonce.see_template(claims, wanted) as template
  );
end
$$;
--> statement-breakpoint

-- Expired keys are removed by a schedule: that each request removes some as well costs more than the rest of it.
create or replace function ringonce.keep_idempotent_answer(
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
end
$$;
--> statement-breakpoint

revoke all on function ringonce.is_active(uuid) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.queued_calls_of(uuid) from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.current_allowances_as_json(uuid[], timestamptz)
from public, anon, authenticated, service_role;
--> statement-breakpoint
revoke all on function ringonce.see_template_terms(jsonb, uuid) from public, anon, authenticated, service_role;

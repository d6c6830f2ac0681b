ALTER TABLE "subscription_plans" ADD COLUMN "queued_calls_limit" integer;--> statement-breakpoint
ALTER TABLE "subscription_plans" ADD CONSTRAINT "subscription_plans_queued_calls_check" CHECK ("subscription_plans"."queued_calls_limit" >= 0);--> statement-breakpoint

update public.subscription_plans set queued_calls_limit = case slug
  when 'free' then 100 when 'basic' then 1000 when 'business' then 5000 else 100000 end;
--> statement-breakpoint

-- Nobody fills the queue for everybody else, whichever way the rows come. Only users are held to it: what the service
-- itself writes has been decided upon. Statements of one user that run at the same moment don't see each other's
-- rows, so together they may pass the limit by what they insert; a lock would make every user's requests wait in line.
create function ringonce.limit_queued_calls() returns trigger
language plpgsql set search_path = '' as $$
declare
  author uuid;
  most integer;
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
    if exists (
      select from public.call_queue waiting
      where waiting.user_id = author and waiting.status = 'queued' and most is not null
      offset most limit 1
    ) then
      raise exception 'no more than % calls may wait at a time', most
        using errcode = 'check_violation', schema = 'public', table = 'call_queue',
          constraint = 'call_queue_queued_calls_limit';
    end if;
  end loop;
  return null;
end
$$;
--> statement-breakpoint
create trigger limit_queued_calls after insert on public.call_queue
referencing new table as inserted
for each statement execute function ringonce.limit_queued_calls();
--> statement-breakpoint
revoke all on function ringonce.limit_queued_calls() from public, anon, authenticated, service_role;

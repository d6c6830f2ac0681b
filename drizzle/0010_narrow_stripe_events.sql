CREATE INDEX "stripe_events_processed_idx" ON "stripe_events" USING btree ("processed_at") WHERE status = 'processed';
--> statement-breakpoint

-- Of what came in earlier only as much is kept as of what comes in now: no addresses, no secrets. An older instance may
-- go on storing whole events for a while; those leave with the others that have been kept long enough.
update public.stripe_events event
set payload = jsonb_strip_nulls(jsonb_build_object('livemode', narrow.livemode, 'changed', narrow.changed))
  || jsonb_build_object('object', jsonb_build_object(
       'id', narrow.id, 'object', narrow.object, 'status', narrow.status, 'subscription', narrow.subscription))
from public.stripe_events whole
cross join lateral (
  select
    case when whole.payload #>> '{related_object,type}' = 'customer'
      then jsonb_build_object('object', 'customer', 'id', whole.payload #> '{related_object,id}')
      else whole.payload #> '{data,object}'
    end as object,
    whole.payload #> '{data,previous_attributes}' as previous
) about
cross join lateral (
  select coalesce(
    nullif(about.object -> 'subscription', 'null'),
    about.object #> '{parent,subscription_details,subscription}'
  ) as named
) subscription
cross join lateral (
  select
    case when jsonb_typeof(whole.payload -> 'livemode') = 'boolean' then whole.payload -> 'livemode' end as livemode,
    (
      select jsonb_agg(field order by field collate "C")
      from jsonb_object_keys(case when jsonb_typeof(about.previous) = 'object' then about.previous else '{}' end) field
    ) as changed,
    case when jsonb_typeof(about.object -> 'id') = 'string' then nullif(about.object ->> 'id', '') end as id,
    case when jsonb_typeof(about.object -> 'object') = 'string' then nullif(about.object ->> 'object', '') end as object,
    case when jsonb_typeof(about.object -> 'status') = 'string' then nullif(about.object ->> 'status', '') end as status,
    nullif(case jsonb_typeof(subscription.named)
      when 'string' then subscription.named #>> '{}'
      when 'object' then case when jsonb_typeof(subscription.named -> 'id') = 'string' then subscription.named ->> 'id' end
    end, '') as subscription
) narrow
where whole.id = event.id
  and event.type not like 'local.%'
  and jsonb_typeof(event.payload -> 'object') is distinct from 'object';

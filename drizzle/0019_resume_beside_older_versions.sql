-- Whoever resumes the queue ends the order to hang up, also a version of the service that does not know of it: otherwise
-- a newer one beside it would go on hanging up whatever is dialled from then on.
create function ringonce.end_hang_up() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.hang_up_before := clock_timestamp();
  return new;
end
$$;
--> statement-breakpoint
create trigger end_hang_up before update of is_paused on public.dispatch_control
for each row when (old.is_paused and not new.is_paused and new.hang_up_before = 'infinity')
execute function ringonce.end_hang_up();
--> statement-breakpoint
revoke all on function ringonce.end_hang_up() from public, anon, authenticated, service_role;

CREATE INDEX "user_call_usage_billing_period_end_idx" ON "user_call_usage" USING btree ("billing_period_end");--> statement-breakpoint

-- Whoever erases a user locks the profile for update. Who adds something of the user's holds it meanwhile: what is being
-- added when the erasing begins is waited for and goes with the rest, and what comes later finds nobody to add it for.
-- Additions don't hinder one another, nor changes of the profile. In PL/pgSQL, because its plans stay with the connection;
-- volatile, because nothing else may lock.
create or replace function ringonce.is_active_user() returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform from public.user_profiles where id = auth.uid() and status = 'active' for key share;
  return found;
end
$$;
--> statement-breakpoint
create function ringonce.has_profile() returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform from public.user_profiles where id = auth.uid() for key share;
  return found;
end
$$;
--> statement-breakpoint
revoke all on function ringonce.has_profile() from public, anon, authenticated, service_role;
--> statement-breakpoint
grant execute on function ringonce.has_profile() to authenticated;
--> statement-breakpoint
alter policy call_templates_add_own on public.call_templates
with check (created_by = (select auth.uid()) and (select ringonce.has_profile()));

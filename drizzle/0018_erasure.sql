-- Whoever erases a user locks the profile for update. Who adds something of the user's holds it meanwhile: what is being
-- added when the erasing begins is waited for and goes with the rest, and what comes later finds nobody to add it for.
-- Additions don't hinder one another, nor changes of the profile. In PL/pgSQL, because its plans stay with the connection;
-- volatile, because nothing else may lock. Each refuses as row-level security does, and under a name of its own: which of
-- a policy's questions was answered with no is otherwise not told.
create or replace function ringonce.is_active_user() returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform from public.user_profiles where id = auth.uid() and status = 'active' for key share;
  if not found then
    raise insufficient_privilege using
      message = 'new row violates row-level security policy for table "call_queue"',
      detail = 'Only active users queue calls.', constraint = 'call_queue_active_user';
  end if;
  return true;
end
$$;
--> statement-breakpoint
create function ringonce.has_profile() returns boolean
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform from public.user_profiles where id = auth.uid() for key share;
  if not found then
    raise insufficient_privilege using
      message = 'new row violates row-level security policy for table "call_templates"',
      detail = 'Only users with a profile write templates.', constraint = 'call_templates_author_profile';
  end if;
  return true;
end
$$;
--> statement-breakpoint
revoke all on function ringonce.has_profile() from public, anon, authenticated, service_role;
--> statement-breakpoint
grant execute on function ringonce.has_profile() to authenticated;
--> statement-breakpoint
-- Tables in the order in which claims take them: who took the second one first could wait for a claim that waits for it.
alter policy call_templates_add_own on public.call_templates
with check (created_by = (select auth.uid()) and (select ringonce.has_profile()));
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "user_call_usage_billing_period_end_idx" ON "user_call_usage" USING btree ("billing_period_end");

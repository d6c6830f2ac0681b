DROP INDEX "call_templates_created_by_idx";--> statement-breakpoint
DROP INDEX "call_templates_list_idx";--> statement-breakpoint
CREATE INDEX "call_templates_own_list_idx" ON "call_templates" USING btree ("created_by","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "call_templates_public_list_idx" ON "call_templates" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE is_public;--> statement-breakpoint

-- Searching looks into every public template, so nobody may publish, or pile up, any number of them.
create function ringonce.limit_templates() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user = 'authenticated' and exists (
    select from (select distinct inserted.created_by from inserted) author
    where exists (
      select from public.call_templates template where template.created_by = author.created_by offset 1000 limit 1
    )
  ) then
    raise exception 'nobody may have more than 1000 templates'
      using errcode = 'check_violation', schema = 'public', table = 'call_templates',
        constraint = 'call_templates_per_user_limit';
  end if;
  return null;
end
$$;
--> statement-breakpoint
revoke all on function ringonce.limit_templates() from public, anon, authenticated, service_role;
--> statement-breakpoint
create trigger limit_templates after insert on public.call_templates
referencing new table as inserted
for each statement execute function ringonce.limit_templates();

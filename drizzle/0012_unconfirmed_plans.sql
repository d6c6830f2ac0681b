-- A plan that nobody confirms any more ends a week after the last period that was told of. Until somebody asks the
-- payment side again, that holds for what was recorded before, too.
update public.user_subscriptions set grants_until = current_period_end + interval '7 days'
where stripe_sub_id is not null and grants_until is null and status in ('active', 'trialing');

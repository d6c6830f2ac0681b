insert into public.dispatch_control (id) values (true) on conflict (id) do nothing;
--> statement-breakpoint
insert into public.subscription_plans (slug, interval, name, description, price, call_limit, minutes_limit, features)
values
  ('free', 'monthly', 'Free', 'To try things out, at no cost.', 0, 50, 100,
    '["50 calls a month", "100 minutes a month", "Public templates"]'),
  ('basic', 'monthly', 'Basic', 'For one person or a small team.', 29, 500, 1000,
    '["500 calls a month", "1,000 minutes a month", "Own templates"]'),
  ('basic', 'yearly', 'Basic', 'For one person or a small team; two months are free.', 290, 500, 1000,
    '["500 calls a month", "1,000 minutes a month", "Own templates"]'),
  ('business', 'monthly', 'Business', 'For teams that call every day.', 99, 2500, 5000,
    '["2,500 calls a month", "5,000 minutes a month", "Own templates", "Several providers"]'),
  ('business', 'yearly', 'Business', 'For teams that call every day; two months are free.', 990, 2500, 5000,
    '["2,500 calls a month", "5,000 minutes a month", "Own templates", "Several providers"]'),
  ('enterprise', 'monthly', 'Enterprise', 'For any volume.', 499, null, null,
    '["Unlimited calls", "Unlimited minutes", "Own templates", "Several providers"]'),
  ('enterprise', 'yearly', 'Enterprise', 'For any volume; two months are free.', 4990, null, null,
    '["Unlimited calls", "Unlimited minutes", "Own templates", "Several providers"]')
on conflict (slug, interval) do nothing;

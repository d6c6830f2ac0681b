import { spawnSync } from 'node:child_process';
import { Pool } from 'pg';
import { ApplyCallReport } from '../../src/modules/calls/application/apply-call-report';
import { CallOver, MinutesCharged } from '../../src/modules/calls/application/observed-facts';
import { DomainEvents } from '../../src/shared/kernel/domain-events.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { Metrics } from '../../src/shared/observability/metrics';
import { DispatchWorld, numbers } from '../support/dispatch-world';
import { scrape, scrapeWhere } from '../support/exposition';
import {
  alertRules,
  dashboard,
  documentedMetrics,
  exists,
  groupingsIn,
  promtool,
  read,
  selectorsIn,
  testedAlerts,
} from '../support/operations-files';
import { PaidPlansWorld } from '../support/paid-plans-world';
import { freePort, type Service, startService } from '../support/service';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

let world: DispatchWorld;

beforeAll(async () => {
  world = await DispatchWorld.start();
});
afterAll(() => world.stop());

const ATTEMPT = { id: 'attempt', callQueueId: 'call', providerId: 'provider' };

const histogram = (name: string) => name.replace(/_(bucket|sum|count)$/, '');

/** Every metric with its labels, as the service has registered them. */
function registered(): ReadonlyMap<string, readonly string[]> {
  const metrics = world.service.app.get(Metrics).registry.getMetricsAsArray();
  return new Map(
    metrics.map((metric) => [metric.name, (metric as unknown as { labelNames: readonly string[] }).labelNames]),
  );
}

describe('what operators read', () => {
  it('is the table of docs/metrics.md, neither more nor less', async () => {
    const { types } = await scrape(world.service);
    const told = [...types].filter(([name]) => name.startsWith('ringonce_'));
    const documented = documentedMetrics();
    expect(documented.map(({ name }) => name).sort()).toEqual(told.map(([name]) => name).sort());
    for (const { name, type, labels } of documented) {
      expect([name, type === 'reading' ? 'gauge' : type]).toEqual([name, types.get(name)]);
      expect([name, ...labels]).toEqual([name, ...(registered().get(name) ?? [])]);
    }
  });

  it('keeps the conventions of names', async () => {
    const { types, text } = await scrape(world.service);
    for (const [name, type] of types) {
      expect(name).toMatch(/^(ringonce|nodejs|process)_[a-z0-9_]+$/);
      if (!name.startsWith('ringonce_')) continue;
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes_ago|percent)(_|$)/);
      expect(text).toMatch(new RegExp(`^# HELP ${name} [A-Z].{10,}$`, 'm'));
    }
  });

  it.each(alertRules().map((rule) => [rule.alert, rule] as const))(
    'feeds the alert %s, which says what it is about and where to read on',
    (name, { expr, labels, annotations }) => {
      expectKnown(expr);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary.length).toBeGreaterThan(10);
      expect(annotations.description.length).toBeGreaterThan(10);
      const [page = '', section] = annotations.runbook_url.split('#');
      expect([page, exists(page)]).toEqual([page, true]);
      if (section !== undefined) expect(sectionsOf(page)).toContain(section);
      expect(testedAlerts()).toContain(name);
    },
  );

  it('feeds the dashboard, which leaves nothing out', () => {
    const { panels, templating } = dashboard();
    expect(templating.list).toContainEqual(expect.objectContaining({ name: 'datasource', type: 'datasource' }));
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const charts = panels.filter(({ type }) => type !== 'row');
    for (const { title, datasource, targets = [] } of charts) {
      expect([title, datasource?.uid, targets.length > 0]).toEqual([title, '${datasource}', true]);
      for (const { expr } of targets) expectKnown(expr);
    }
    const shown = charts.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => selectorsIn(expr)));
    const names = shown.map(({ name }) => (registered().has(name) ? name : histogram(name)));
    expect([...new Set(names)].filter((name) => name.startsWith('ringonce_')).sort()).toEqual(
      documentedMetrics()
        .map(({ name }) => name)
        .sort(),
    );
  });

  // A Debian package, so not everywhere; without it the other tests still hold the rules against the true metrics.
  const hasPromtool = spawnSync(promtool, ['--version']).status === 0;
  (hasPromtool ? it : it.skip)('is accepted by promtool, which sees every alert fire', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['ops/prometheus/check.cjs']);
    expect([status, stdout.toString(), stderr.toString()]).toEqual([0, expect.stringContaining('SUCCESS'), '']);
  });

  /** Prometheus' own `up` aside, an expression reads only what the service tells, by labels that it has. */
  function expectKnown(expression: string): void {
    const known = registered();
    const selectors = selectorsIn(expression);
    if (!/\bup\{/.test(expression)) expect(selectors).not.toEqual([]);
    const labelsOf = (name: string) => [
      ...(known.get(name) ?? known.get(histogram(name)) ?? ['(unknown metric)']),
      'le',
    ];
    for (const { name, labels } of selectors)
      for (const label of labels) expect([name, labelsOf(name)]).toEqual([name, expect.arrayContaining([label])]);
    for (const { name } of selectors) expect([name, ...labelsOf(name)]).not.toContain('(unknown metric)');
    const all = selectors.flatMap(({ name }) => labelsOf(name));
    for (const label of groupingsIn(expression)) expect(all).toContain(label);
  }
});

/** How GitHub and others name the sections of a page. */
function sectionsOf(page: string): readonly string[] {
  const headings = read(page).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the life of a call', () => {
  it('is counted once it has committed, and read from the database', async () => {
    const before = await scrape(world.service);
    const [held, answered, busy] = numbers(3) as [string, string, string];
    world.sandbox.order({ number: held, call: { holdsWhile: 'in-progress' } });
    world.sandbox.order({ number: busy, call: { endedReason: 'customer-busy', durationSeconds: 0 } });
    await world.queue([held, answered, busy]);
    const provider = world.account.id;
    const meanwhile = await scrapeWhere(
      world.service,
      (now) => now.sum('ringonce_calls_in_progress') === 1 && now.sum('ringonce_open_reservations') === 1,
      'one call is under way and the others are over',
    );
    expect(meanwhile.value('ringonce_provider_slots_in_use', { provider })).toBe(1);
    expect(meanwhile.value('ringonce_reserved_minutes')).toBe(2);
    world.sandbox.release(held);
    await world.settled();
    await world.measured();
    const after = await scrapeWhere(
      world.service,
      (now) => now.value('ringonce_open_reservations') === 0,
      'nothing is reserved any more',
    );
    const gained = (name: string, labels?: Record<string, string>) =>
      after.sum(name, labels) - before.sum(name, labels);
    expect(gained('ringonce_claimed_calls_total')).toBe(3);
    expect(gained('ringonce_claims_total')).toBeGreaterThan(0);
    expect(gained('ringonce_placements_total', { provider, result: 'accepted', reason: 'none' })).toBe(3);
    expect(gained('ringonce_calls_ended_total', { status: 'completed', outcome: 'completed' })).toBe(2);
    expect(gained('ringonce_calls_ended_total', { status: 'failed', outcome: 'busy' })).toBe(1);
    expect(gained('ringonce_calls_ended_total')).toBe(3);
    expect(gained('ringonce_minutes_settled_total')).toBe(2);
    expect(gained('ringonce_provider_webhooks_total', { provider, result: 'taken' })).toBeGreaterThanOrEqual(3);
    expect(gained('ringonce_provider_webhook_lag_seconds_count', { provider })).toBeGreaterThanOrEqual(3);
    expect(after.value('ringonce_provider_slots_in_use', { provider })).toBe(0);
    expect(after.value('ringonce_provider_info', { provider, name: 'first', driver: 'vapi' })).toBe(1);
  });

  it('ends as failed or canceled as well', async () => {
    const before = await scrape(world.service);
    await world.admin('POST', '/v1/admin/queue/pause');
    const [canceled] = (await world.queue(numbers(1, 10))) as [string];
    await world.service.request('POST', `/v1/calls/${canceled}/cancel`, { token: world.userToken });
    const { userId, token } = await world.addUser('enterprise');
    await world.queue(numbers(1, 11), {}, token);
    await world.setLimits(userId, 0, 0);
    await world.admin('POST', '/v1/admin/queue/resume');
    await world.settled();
    const after = await scrape(world.service);
    const gained = (labels: Record<string, string>) =>
      after.sum('ringonce_calls_ended_total', labels) - before.sum('ringonce_calls_ended_total', labels);
    expect(gained({ status: 'canceled', outcome: 'canceled' })).toBe(1);
    expect(gained({ status: 'failed', outcome: 'quota_exceeded' })).toBe(1);
  });

  it('does not count what was rolled back', async () => {
    const { app } = world.service;
    const before = await scrape(world.service);
    const failing = app.get(UnitOfWork).run(async () => {
      await app.get(DomainEvents).publish(new CallOver('completed', 'completed'), new MinutesCharged(ATTEMPT, 5, 1));
      throw new Error('on second thought');
    });
    await expect(failing).rejects.toThrow('on second thought');
    const after = await scrape(world.service);
    for (const name of ['ringonce_calls_ended_total', 'ringonce_minutes_settled_total'])
      expect([name, after.sum(name)]).toEqual([name, before.sum(name)]);
  });

  it('counts a report once, however often it comes', async () => {
    const before = await scrape(world.service);
    const [id] = (await world.queue(numbers(1, 20))) as [string];
    await world.callWhen(id, 'completed');
    await world.measured();
    const { callId, attempts } = await world.call(id);
    const report = {
      providerCallId: callId,
      attemptId: attempts[0].id,
      progress: 'ended',
      outcome: 'completed',
    } as const;
    for (let times = 0; times < 3; times += 1)
      await world.service.app
        .get(ApplyCallReport, { strict: false })
        .execute(world.account.id, { ...report, durationSeconds: 30 });
    const after = await scrape(world.service);
    for (const name of ['ringonce_calls_ended_total', 'ringonce_minutes_settled_total'])
      expect([name, after.sum(name) - before.sum(name)]).toEqual([name, 1]);
  });

  it('leaves no trace of people in labels', async () => {
    const { text } = await scrape(world.service);
    const profiles = await world.database.query<{ id: string; email: string | null }>(
      'select id, email from user_profiles',
    );
    const calls = await world.database.query<{ id: string; number: string }>(
      'select id, recipient_number as number from call_queue',
    );
    expect(calls.length).toBeGreaterThan(4);
    for (const { id, email } of profiles) for (const word of [id, email]) if (word) expect(text).not.toContain(word);
    for (const { id, number } of calls)
      for (const word of [id, number, number.slice(1)]) expect(text).not.toContain(word);
  });

  it('has one series for all providers that do not exist, and for all routes', async () => {
    for (const id of [crypto.randomUUID(), crypto.randomUUID()]) {
      await world.service.request('POST', `/v1/webhooks/providers/${id}`, { body: {} });
      await world.service.request('GET', `/${id}`);
    }
    const { samples } = await scrape(world.service);
    const strangers = samples.filter(({ labels }) => labels['result'] === 'unknown_provider');
    expect(strangers).toEqual([
      expect.objectContaining({ labels: { provider: 'unknown', result: 'unknown_provider' }, value: 2 }),
    ]);
    const lost = samples.filter(
      ({ name, labels }) => name.endsWith('_duration_seconds_count') && labels['status'] === '404',
    );
    expect(new Set(lost.map(({ labels }) => labels['route']))).toEqual(
      new Set(['unmatched', '/v1/webhooks/providers/:providerId']),
    );
  });
});

describe("Stripe's side", () => {
  it('is counted and read', async () => {
    const paid = await PaidPlansWorld.start();
    try {
      const user = await paid.signUp();
      await paid.buy(user, 'basic');
      const after = await scrapeWhere(
        paid.service,
        (now) =>
          now.sum('ringonce_stripe_webhooks_total', { result: 'taken' }) > 0 &&
          now.value('ringonce_stripe_events_waiting') === 0,
        'an event is taken and worked off',
      );
      expect(after.value('ringonce_stripe_webhook_lag_seconds_count')).toBe(
        after.sum('ringonce_stripe_webhooks_total', { result: 'taken' }),
      );
    } finally {
      await paid.stop();
    }
  });
});

describe('a scrape', () => {
  let database: TestDatabase;
  let lonely: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    const nowhere = `postgresql://nobody@127.0.0.1:${String(await freePort())}/nothing`;
    lonely = await startService({ environment: { DATABASE_URL: nowhere }, database });
  });
  afterAll(async () => {
    await lonely.stop();
    await database.drop();
  });

  it('tells what there is while the database is away', async () => {
    const now = await scrape(lonely);
    expect(now.value('ringonce_database_up')).toBe(0);
    expect(new Set(now.values('ringonce_reading_success'))).toEqual(new Set([0]));
    expect(now.values('ringonce_queued_calls')).toEqual([]);
    expect(now.values('ringonce_oversold_periods')).toEqual([]);
    expect(now.value('ringonce_claims_total')).toBe(0);
    expect(now.value('ringonce_database_pool_limit')).toBe(20);
    expect(now.values('process_cpu_user_seconds_total')).toHaveLength(1);
  });

  it('asks the database once for all who come at the same time', async () => {
    const pool = world.service.app.get(Pool);
    const connect = jest.spyOn(pool, 'connect');
    const { readings } = world.service.app.get(Metrics);
    const refresh = jest.spyOn(readings, 'refresh');
    const told = await Promise.all(Array.from({ length: 30 }, () => scrape(world.service)));
    expect(refresh).toHaveBeenCalledTimes(30);
    expect(connect.mock.calls.length).toBeLessThanOrEqual(2 * 5);
    expect(told.every((one) => one.value('ringonce_database_up') === 1)).toBe(true);
  });
});

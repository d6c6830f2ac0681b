import { type RetellSandbox, type RetellSandboxOptions, startRetellSandbox } from '../../sandbox/retell/retell-sandbox';
import { startVapiSandbox, type VapiSandbox, type VapiSandboxOptions } from '../../sandbox/vapi/vapi-sandbox';
import { type Answer, type Service, type ServiceOptions, startService } from './service';
import { makeSecret } from './run-record';
import { createTestDatabase, type TestDatabase } from './test-database';
import { waitFor } from './wait-for';

/** Every account's. */
export const API_KEY = makeSecret('sandbox-key-of-the-tests');
/** Unless a test orders something else, whoever is called answers and talks for half a minute. */
const ANSWERED = { endedReason: 'customer-ended-call', durationSeconds: 30 };

export interface WorldOptions {
  /** Instances of the service on one database; 1 by default. */
  readonly instances?: number;
  readonly environment?: NodeJS.ProcessEnv;
  /** Made anew by default; dropped at the end in any case. */
  readonly database?: TestDatabase;
  /** The provider's cap, here and at the stand-in. */
  readonly concurrencyLimit?: number;
  readonly sandbox?: Partial<VapiSandboxOptions>;
}

/** A provider account that an administrator has set up, at a stand-in of its own. */
export interface Account<Sandbox = VapiSandbox> {
  readonly id: string;
  readonly sandbox: Sandbox;
  /** Our ids. */
  readonly assistantIds: readonly string[];
}

/** The whole service with one Vapi account at a stand-in, an active user without limits, and a template. */
export class DispatchWorld {
  readonly accounts: Account[] = [];
  private readonly sandboxes: { stop(): Promise<void> }[] = [];
  adminToken = '';
  userId = '';
  userToken = '';
  templateId = '';

  private readonly left: TestDatabase[] = [];

  private constructor(
    public database: TestDatabase,
    readonly services: Service[],
  ) {}

  static async start(options: WorldOptions = {}): Promise<DispatchWorld> {
    const database = options.database ?? (await createTestDatabase());
    const serviceOptions: ServiceOptions = {
      database,
      environment: { DISPATCH_INTERVAL_MS: '60000', ...options.environment },
    };
    const services = [];
    for (let index = 0; index < (options.instances ?? 1); index += 1) services.push(await startService(serviceOptions));
    const world = new DispatchWorld(database, services);
    world.adminToken = await world.service.token({ userId: await database.createUser(), admin: true });
    ({ userId: world.userId, token: world.userToken } = await world.addUser('enterprise'));
    await world.addAccount('first', 1, options.concurrencyLimit ?? 10, options.sandbox);
    world.templateId = await world.addTemplate({ assistantId: world.account.assistantIds[0] });
    return world;
  }

  get service(): Service {
    return this.services[0]!;
  }

  get account(): Account {
    return this.accounts[0]!;
  }

  get sandbox(): VapiSandbox {
    return this.account.sandbox;
  }

  /** A user with a live subscription to the plan. */
  async addUser(plan: 'free' | 'basic' | 'enterprise'): Promise<{ userId: string; token: string }> {
    const userId = await this.database.createUser({ isActive: true });
    await this.database.query(
      `insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
       select $1, id, 'active', now() - interval '1 day', now() + interval '20 days'
         from subscription_plans where slug = $2 and interval = 'monthly'`,
      [userId, plan],
    );
    return { userId, token: await this.service.token({ userId }) };
  }

  /** The monthly limits of a user on the enterprise plan. */
  async setLimits(userId: string, calls: number | null, minutes: number | null): Promise<void> {
    await this.database.query(
      `insert into user_plan_limits (user_id, call_limit, minutes_limit) values ($1, $2, $3)
       on conflict (user_id) do update set call_limit = excluded.call_limit, minutes_limit = excluded.minutes_limit`,
      [userId, calls, minutes],
    );
  }

  async addAccount(
    name: string,
    priority: number,
    concurrencyLimit: number,
    sandboxOptions: Partial<VapiSandboxOptions> = {},
  ): Promise<Account> {
    const sandbox = await startVapiSandbox({
      apiKey: API_KEY,
      speed: Infinity,
      script: () => ANSWERED,
      concurrencyLimit,
      ...sandboxOptions,
    });
    const account = await this.register({ name, driver: 'vapi', priority, concurrencyLimit }, sandbox);
    this.accounts.push(account);
    return account;
  }

  /** An account at Retell, whose stand-in answers like that of `addAccount`. */
  async addRetellAccount(
    name: string,
    priority: number,
    concurrencyLimit: number,
    sandboxOptions: Partial<RetellSandboxOptions> = {},
  ): Promise<Account<RetellSandbox>> {
    const sandbox = await startRetellSandbox({
      apiKey: API_KEY,
      speed: Infinity,
      script: () => ({ ...ANSWERED, endedReason: 'user_hangup' }),
      concurrencyLimit,
      ...sandboxOptions,
    });
    return this.register({ name, driver: 'retell', priority, concurrencyLimit }, sandbox);
  }

  async addTemplate(template: Record<string, unknown>): Promise<string> {
    const body = {
      name: 'Reminder',
      isPublic: true,
      params: {},
      paramsOrder: [],
      maxDurationSeconds: 120,
      ...template,
    };
    const answer = await this.service.request('POST', '/v1/call-templates', { token: this.userToken, body });
    if (answer.status !== 201) throw new Error(`POST /v1/call-templates: ${JSON.stringify(answer.body)}`);
    return answer.body.id as string;
  }

  /** Queues calls to the numbers in their order, in one batch. @returns their ids */
  async queue(
    numbers: readonly string[],
    call: Record<string, unknown> = {},
    token = this.userToken,
  ): Promise<string[]> {
    const body = {
      templateId: this.templateId,
      ...call,
      calls: numbers.map((recipientNumber) => ({ recipientNumber })),
    };
    const answer = await this.service.request('POST', '/v1/calls/batch', { token, body });
    if (answer.status !== 200 || answer.body.rejected.length > 0) throw new Error(JSON.stringify(answer.body));
    return (answer.body.accepted as { id: string }[]).map(({ id }) => id);
  }

  async call(id: string, token = this.userToken): Promise<Answer['body']> {
    const answer = await this.service.request('GET', `/v1/calls/${id}`, { token });
    return answer.body;
  }

  /** Waits until the call is in the state, and gives it back. */
  async callWhen(id: string, status: string): Promise<Answer['body']> {
    let call: Answer['body'];
    await waitFor(async () => (call = await this.call(id)).status === status, `call ${id} is ${status}`);
    return call;
  }

  /** Waits until no call is queued or in progress. */
  async settled(timeoutMs = 30_000): Promise<void> {
    await waitFor(
      async () =>
        (await this.database.query(`select from call_queue where status in ('queued', 'in-progress') limit 1`))
          .length === 0,
      'every call has ended',
      timeoutMs,
    );
  }

  /** Waits until the usage of everything that has ended is settled, too: its time may be told after its end. */
  async measured(): Promise<void> {
    await waitFor(
      async () => (await this.database.query('select from call_attempts where not is_settled limit 1')).length === 0,
      'every attempt is settled',
    );
  }

  /** Stops the instances and goes on with a new one on another database, which vendors reach at the same address. */
  async moveTo(database: TestDatabase, environment: NodeJS.ProcessEnv = {}): Promise<void> {
    const { port } = new URL(this.service.url);
    for (const service of this.services.splice(0)) {
      const stopped = service.stop();
      // The stand-ins, which go on, hold connections open for their next webhooks.
      service.app.getHttpServer().closeAllConnections();
      await stopped;
    }
    this.left.push(this.database);
    this.database = database;
    const options = { database, environment: { DISPATCH_INTERVAL_MS: '60000', ...environment, PORT: port } };
    this.services.push(await startService(options));
  }

  /** Sets the account up as an administrator would, its numbers and assistants included. */
  private async register<Sandbox extends { readonly url: string; stop(): Promise<void> }>(
    provider: { name: string; driver: string; priority: number; concurrencyLimit: number },
    sandbox: Sandbox,
  ): Promise<Account<Sandbox>> {
    this.sandboxes.push(sandbox);
    const body = {
      ...provider,
      type: 'voice',
      credentials: { apiKey: API_KEY },
      baseUrl: sandbox.url,
      isActive: true,
    };
    const { id } = await this.admin('POST', '/v1/admin/providers', body);
    await this.admin('POST', `/v1/admin/providers/${id}/import`);
    const { items } = await this.admin('GET', '/v1/admin/assistants?limit=200');
    const assistantIds = (items as { id: string; providerId: string; externalId: string }[])
      .filter((assistant) => assistant.providerId === id)
      .sort((a, b) => a.externalId.localeCompare(b.externalId))
      .map((assistant) => assistant.id);
    return { id: id as string, sandbox, assistantIds };
  }

  async admin(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.service.request(method, path, {
      token: this.adminToken,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** The stand-ins first: a service that stops waits for answers that a test may have told them never to give. */
  async stop(): Promise<void> {
    for (const sandbox of this.sandboxes) await sandbox.stop();
    for (const service of this.services) await service.stop();
    for (const database of [...this.left, this.database]) await database.drop();
  }
}

/** Distinct, valid numbers that nobody owns. */
export function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `+1202${String(2_000_000 + from + index)}`);
}

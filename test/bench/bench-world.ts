import { randomBytes } from 'node:crypto';
import type { BenchDatabase } from './bench-database';
import type { BenchServer } from './bench-server';
import { now } from './clock';
import { type Environment, freePort, ServiceProcess } from './service-process';
import { JWT_SECRET, signToken } from './tokens';
import { API_KEY, Vendor } from './vendor';

export interface BenchUser {
  readonly id: string;
  readonly token: string;
}

export interface WorldOptions {
  /** Instances of the service on the database; 1 by default. */
  readonly instances?: number;
  /** Calls at once that the provider allows; 1,000 by default. */
  readonly concurrencyLimit?: number;
  /** Users on the plan without limits; 1 by default. */
  readonly users?: number;
  /** Settings other than the defaults. */
  readonly environment?: Environment;
  /** One that stays when the world stops. */
  readonly vendor?: Vendor;
}

/** The service as somebody runs it, with one provider account at the vendor's stand-in, users without limits, a template. */
export class BenchWorld {
  users: readonly BenchUser[] = [];
  providerId = '';
  assistantId = '';
  templateId = '';

  private constructor(
    readonly database: BenchDatabase,
    readonly vendor: Vendor,
    readonly instances: readonly ServiceProcess[],
    private readonly ownsVendor: boolean,
  ) {}

  static async start(server: BenchServer, options: WorldOptions = {}): Promise<BenchWorld> {
    const database = await server.createDatabase();
    const vendor = options.vendor ?? (await Vendor.start());
    const environment = await environmentOf(database, options.environment);
    const ports = [environment['PORT'] ?? '', ...(await freePorts((options.instances ?? 1) - 1))];
    const instances = await Promise.all(ports.map((PORT) => ServiceProcess.start({ ...environment, PORT })));
    const world = new BenchWorld(database, vendor, instances, options.vendor === undefined);
    try {
      await vendor.setFronts(instances.length > 1 ? instances.map(({ url }) => url) : []);
      await world.setUp(options.users ?? 1, options.concurrencyLimit ?? 1_000);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  get service(): ServiceProcess {
    const [first] = this.instances;
    if (!first) throw new Error('A world without an instance');
    return first;
  }

  get user(): BenchUser {
    const [first] = this.users;
    if (!first) throw new Error('A world without a user');
    return first;
  }

  /** @throws an Error for anything but 2xx */
  async ask(method: string, path: string, token: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.service.request(method, path, { token, ...(body !== undefined && { body }) });
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    return answer.body as Record<string, unknown>;
  }

  /**
   * Puts calls into the queue in one statement, spread over the users, to the numbers that {@link numberOf} gives.
   * @returns the moment at which the commit was answered: from then on they are there, and due
   */
  async insertDueCalls(count: number): Promise<number> {
    await this.database.query(
      `insert into call_queue (user_id, recipient_number, template_id)
       select ($1::uuid[])[1 + index % $2], '+1202' || (2000000 + index), $3 from generate_series(0, $4 - 1) index`,
      [this.users.map(({ id }) => id), this.users.length, this.templateId, count],
    );
    return now();
  }

  /** @throws an Error when a call is not completed, or its usage not settled: then nothing was measured */
  async expectAllSettled(): Promise<void> {
    const [found] = await this.database.query<{ calls: number; attempts: number }>(
      `select (select count(*)::int from call_queue where status <> 'completed') as calls,
              (select count(*)::int from call_attempts where not is_settled or state <> 'ended') as attempts`,
    );
    if (found?.calls === 0 && found.attempts === 0) return;
    throw new Error(`Calls that are not over: ${JSON.stringify(found)}; the service said: ${this.said()}`);
  }

  said(): string {
    return this.instances.flatMap(({ said }) => said.slice(-3)).join('');
  }

  async stop(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.stop()));
    if (this.ownsVendor) await this.vendor.stop();
    await this.database.drop();
  }

  private async setUp(users: number, concurrencyLimit: number): Promise<void> {
    const ids = [];
    for (let index = 0; index < users; index += 1) ids.push(await this.database.createUser());
    this.users = await Promise.all(ids.map(async (id) => ({ id, token: await signToken(id) })));
    const admin = await signToken(this.user.id, true);
    const provider = {
      name: 'bench',
      driver: 'vapi',
      type: 'voice',
      priority: 1,
      concurrencyLimit,
      credentials: { apiKey: API_KEY },
      baseUrl: this.vendor.url,
      isActive: true,
    };
    this.providerId = String((await this.ask('POST', '/v1/admin/providers', admin, provider))['id']);
    await this.ask('POST', `/v1/admin/providers/${this.providerId}/import`, admin);
    const { items } = await this.ask('GET', '/v1/admin/assistants', admin);
    this.assistantId = (items as { id: string }[])[0]?.id ?? '';
    const template = { name: 'Reminder', isPublic: true, params: {}, paramsOrder: [], assistantId: this.assistantId };
    this.templateId = String((await this.ask('POST', '/v1/call-templates', this.user.token, template))['id']);
  }
}

/** The recipient of the call of this index, as {@link BenchWorld.insertDueCalls} numbers them. */
export function numberOf(index: number): string {
  return `+1202${String(2_000_000 + index)}`;
}

async function environmentOf(database: BenchDatabase, settings: Environment = {}): Promise<Environment> {
  const port = await freePort();
  return {
    DATABASE_URL: database.url,
    PORT: String(port),
    // Every instance has the same one, as behind a load balancer.
    PUBLIC_URL: `http://127.0.0.1:${String(port)}`,
    SUPABASE_JWT_SECRET: JWT_SECRET,
    CREDENTIALS_KEYS: `bench:${randomBytes(32).toString('base64')}`,
    RATE_LIMIT_PER_MINUTE: '1000000',
    ...settings,
  };
}

async function freePorts(count: number): Promise<string[]> {
  const ports = [];
  for (let index = 0; index < count; index += 1) ports.push(String(await freePort()));
  return ports;
}

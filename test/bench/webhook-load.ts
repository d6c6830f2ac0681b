import { randomBytes } from 'node:crypto';
import { waitFor } from '../support/wait-for';
import type { BenchWorld } from './bench-world';
import { type LoadRequest, type LoadResult, putLoadOn } from './load';
import { signToken } from './tokens';
import { API_KEY } from './vendor';
import { LeanCall } from './vendor-call';

const PLACE_MS = 600_000;

interface LiveAttempt {
  readonly id: string;
  readonly callId: string;
  readonly providerCallId: string;
}

/** The reports of calls that the service has placed, sent to it as fast as it takes them. */
export class WebhookLoad {
  private constructor(
    private readonly world: BenchWorld,
    private readonly secret: string,
  ) {}

  /** Gives the provider a secret that the bench knows. From then on the vendor's calls go on until somebody ends them. */
  static async prepare(world: BenchWorld): Promise<WebhookLoad> {
    const secret = randomBytes(24).toString('hex');
    const admin = await signToken(world.user.id, true);
    const credentials = { apiKey: API_KEY, webhookSecret: secret };
    await world.ask('PATCH', `/v1/admin/providers/${world.providerId}`, admin, { credentials });
    await world.vendor.setLengths({ kind: 'held' });
    return new WebhookLoad(world, secret);
  }

  /** Has so many calls placed, unmeasured, then tells the end of each, with its transcript and its cost. */
  async run(count: number, connections: number): Promise<LoadResult> {
    await this.world.insertDueCalls(count);
    const live = await waitFor(() => this.liveAttempts(count), `${count} calls are placed`, PLACE_MS);
    const requests = live.map((attempt) => this.requestOf(attempt));
    const result = await putLoadOn({
      url: this.world.service.url,
      connections,
      requests: count,
      next: () => requests.pop() ?? this.requestOf(live[0]),
    });
    await this.world.expectAllSettled();
    return result;
  }

  /** All of them, once the vendor has told of each that it is talked on. */
  private async liveAttempts(count: number): Promise<readonly LiveAttempt[] | undefined> {
    const rows = await this.world.database.query<{ id: string; callId: string; providerCallId: string }>(
      `select id, call_queue_id as "callId", provider_call_id as "providerCallId" from call_attempts
        where state = 'placed' and progress = 'in-progress'`,
    );
    return rows.length === count ? rows : undefined;
  }

  private requestOf(attempt: LiveAttempt | undefined): LoadRequest {
    if (!attempt) throw new Error('There is no call to report');
    const { providerId } = this.world;
    const metadata = { attemptId: attempt.id, callId: attempt.callId, providerId };
    const overrides = { server: { url: '' }, metadata };
    const call = new LeanCall({ customer: { number: '+12025550123' }, assistantOverrides: overrides }, 0);
    const told = JSON.parse(call.report()) as { readonly message: { readonly call: object } };
    const message = { ...told.message, call: { ...told.message.call, id: attempt.providerCallId } };
    return {
      path: `/v1/webhooks/providers/${providerId}`,
      headers: { 'x-vapi-secret': this.secret },
      body: JSON.stringify({ message }),
    };
  }
}

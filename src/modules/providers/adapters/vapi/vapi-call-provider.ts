import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpExchange } from '../../../../shared/http-client/exchange';
import type { ProviderAccount } from '../../provider-definition';
import { VendorUnavailable } from '../../domain/providers.errors';
import {
  CallProvider,
  type CallLookup,
  type CallReport,
  type HangUp,
  type KeyCheck,
  type MaySend,
  type PlaceCall,
  type PlacedCallLookup,
  type PlacedCallQuery,
  type PlacedCallsPage,
  type PlaceResult,
  type VendorAssistant,
  type VendorPhoneNumber,
  type WebhookHeaders,
} from '../../public/call-provider.port';
import { classifyAnswer } from './classify-answer';
import { listAll, type VapiList } from './list-all';
import { listPlaced, toPlacedCall } from './list-placed';
import { attemptIdOf, callToReport, messageToReport } from './to-call-report';
import { toCreateCall } from './to-create-call';
import { VapiApi } from './vapi-api';
import { VapiAssistant, VapiCall, VapiPhoneNumber, VapiWebhook } from './vapi.wire';

/** Vapi's clock and ours may differ: the search is that much wider on both sides. */
const CLOCK_MARGIN_MS = 60_000;

const E164 = /^\+[1-9]\d{6,14}$/;

/** One account at Vapi. */
export class VapiCallProvider extends CallProvider {
  private readonly api: VapiApi;
  private readonly webhookSecret: string | undefined;

  constructor(account: ProviderAccount) {
    super();
    this.api = new VapiApi(account);
    this.webhookSecret = account.credentials.webhookSecret;
  }

  async placeCall(call: PlaceCall, timeoutMs: number, maySend?: MaySend): Promise<PlaceResult> {
    const answer = await this.api.createCall(toCreateCall(call, this.webhookSecret), timeoutMs, maySend);
    return classifyAnswer(answer, this.api.secrets, new Date());
  }

  async getCall(providerCallId: string): Promise<CallLookup> {
    const lookup = await this.readCall(providerCallId);
    return lookup.kind === 'found' ? { kind: 'found', report: callToReport(lookup.call) } : lookup;
  }

  /** Vapi cannot search by what a call carries: the calls of the number in that time are read and compared. */
  async findPlaced({ attemptId, fromExternalId, since, until }: PlacedCallQuery): Promise<CallLookup> {
    const list = await listAll(this.api, '/call', {
      schema: VapiCall,
      query: {
        phoneNumberId: fromExternalId,
        createdAtGe: new Date(since.getTime() - CLOCK_MARGIN_MS).toISOString(),
        createdAtLe: new Date(until.getTime() + CLOCK_MARGIN_MS).toISOString(),
      },
    });
    if (list.kind === 'failed') return { kind: 'unavailable', detail: list.detail };
    const call = list.items.find((one) => attemptIdOf(one) === attemptId.toLowerCase());
    return call === undefined ? { kind: 'not-found' } : { kind: 'found', report: callToReport(call) };
  }

  listPlaced(since: Date, page?: string): Promise<PlacedCallsPage> {
    return listPlaced(this.api, since, page);
  }

  async readPlaced(providerCallId: string): Promise<PlacedCallLookup> {
    const lookup = await this.readCall(providerCallId);
    if (lookup.kind !== 'found') return lookup;
    const [call] = toPlacedCall(lookup.call);
    return call === undefined ? { kind: 'not-found' } : { kind: 'found', call };
  }

  /** Vapi has no route that hangs up: a live call has a control address of its own. */
  async endCall(providerCallId: string): Promise<HangUp> {
    const lookup = await this.readCall(providerCallId);
    if (lookup.kind === 'unavailable') return 'unavailable';
    if (lookup.kind === 'not-found' || callToReport(lookup.call).progress === 'ended') return 'not-live';
    const controlUrl = lookup.call.monitor?.controlUrl;
    return controlUrl === undefined
      ? 'unavailable'
      : toHangUp(await this.api.control(controlUrl, { type: 'end-call' }));
  }

  /** The secret that each call was sent with comes back as `X-Vapi-Secret`, or as a bearer token. */
  authenticateWebhook(headers: WebhookHeaders): boolean {
    const given = headers['x-vapi-secret'] ?? /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given === undefined || this.webhookSecret === undefined || this.webhookSecret === '') return false;
    return timingSafeEqual(digest(given), digest(this.webhookSecret));
  }

  parseWebhook(body: unknown): readonly CallReport[] {
    const webhook = VapiWebhook.safeParse(body);
    const report = webhook.success ? messageToReport(webhook.data.message) : undefined;
    return report === undefined ? [] : [report];
  }

  async verifyKey(): Promise<KeyCheck> {
    const read = await this.api.get('/assistant', { limit: 1 });
    if (read.kind === 'read') return { ok: true, detail: 'Vapi takes the key.' };
    if (read.kind === 'not-found') return { ok: false, detail: "The address does not speak Vapi's API." };
    const isRefused = read.status === 401 || read.status === 403;
    return { ok: false, detail: isRefused ? 'Vapi refuses the key.' : read.detail };
  }

  async listPhoneNumbers(): Promise<readonly VendorPhoneNumber[]> {
    const items = itemsOrThrow(await listAll(this.api, '/phone-number', { schema: VapiPhoneNumber }));
    return items.flatMap(({ id, number, status }) =>
      // A line that is only reached by SIP cannot be a caller's number.
      number !== undefined && E164.test(number)
        ? [{ externalId: id, fullNumber: number, isUsable: status === undefined || status === 'active' }]
        : [],
    );
  }

  async listAssistants(): Promise<readonly VendorAssistant[]> {
    const items = itemsOrThrow(await listAll(this.api, '/assistant', { schema: VapiAssistant }));
    return items.map(({ id, name }) => ({ externalId: id, name: name ?? id }));
  }

  private async readCall(
    providerCallId: string,
  ): Promise<{ readonly kind: 'found'; readonly call: VapiCall } | Exclude<CallLookup, { kind: 'found' }>> {
    const read = await this.api.get(`/call/${encodeURIComponent(providerCallId)}`);
    if (read.kind === 'not-found') return read;
    if (read.kind === 'failed') return { kind: 'unavailable', detail: read.detail };
    const call = VapiCall.safeParse(read.body);
    if (!call.success) return { kind: 'unavailable', detail: 'Vapi answered no readable call.' };
    return call.data.status === 'not-found' ? { kind: 'not-found' } : { kind: 'found', call: call.data };
  }
}

function toHangUp(answer: HttpExchange | undefined): HangUp {
  if (answer?.kind !== 'answered') return 'unavailable';
  if (answer.status >= 200 && answer.status < 300) return 'done';
  return answer.status === 404 || answer.status === 410 ? 'not-live' : 'unavailable';
}

/** Of one length, whatever was sent. */
function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function itemsOrThrow<Item>(list: VapiList<Item>): readonly Item[] {
  if (list.kind === 'failed') throw new VendorUnavailable(list.detail);
  return list.items;
}

import type { CallListParams } from 'retell-sdk/resources';
import { VendorUnavailable } from '../../domain/providers.errors';
import type { ProviderAccount } from '../../provider-definition';
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
import { listAll, type RetellList } from './list-all';
import { listPlaced, toPlacedCall } from './list-placed';
import { RetellApi } from './retell-api';
import { toPhoneNumber } from './to-phone-number';
import { RetellAgent, RetellCall, RetellPhoneNumber, RetellWebhook } from './retell.wire';
import { attemptIdOf, callToReport, webhookToReport } from './to-call-report';
import { toCreateCall } from './to-create-call';
import { isSigned } from './webhook-signature';

const E164 = /^\+[1-9]\d{6,14}$/;

/** Answers to a hang-up that say something about the call and nothing about the account or the moment. */
const NOT_STOPPED: ReadonlySet<number> = new Set([400, 404, 409, 410, 422]);

/** One account at Retell. */
export class RetellCallProvider extends CallProvider {
  private readonly api: RetellApi;
  private readonly webhookKey: string;

  constructor(account: ProviderAccount) {
    super();
    this.api = new RetellApi(account);
    const { apiKey, webhookSecret } = account.credentials;
    this.webhookKey = webhookSecret || apiKey;
  }

  async placeCall(call: PlaceCall, timeoutMs: number, maySend?: MaySend): Promise<PlaceResult> {
    const answer = await this.api.createCall(toCreateCall(call, new Date()), timeoutMs, maySend);
    return classifyAnswer(answer, this.api.secrets);
  }

  async getCall(providerCallId: string): Promise<CallLookup> {
    const lookup = await this.readCall(providerCallId);
    return lookup.kind === 'found' ? { kind: 'found', report: callToReport(lookup.call) } : lookup;
  }

  /**
   * Searches by the metadata alone: a call that was not connected has no times to search by. Lists leave transcripts
   * out, so a call that has ended is read once more.
   */
  async findPlaced({ attemptId }: PlacedCallQuery): Promise<CallLookup> {
    const list = await listAll((paginationKey) => this.readCalls(attemptId, paginationKey), RetellCall);
    if (list.kind === 'failed') return { kind: 'unavailable', detail: list.detail };
    const call = list.items.find((one) => attemptIdOf(one) === attemptId.toLowerCase());
    if (call === undefined) return { kind: 'not-found' };
    const report = callToReport(call);
    const whole = report.progress === 'ended' ? await this.getCall(call.call_id) : undefined;
    return whole?.kind === 'found' ? whole : { kind: 'found', report };
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

  /** Only the call itself tells whether a refusal means that it is over. */
  async endCall(providerCallId: string): Promise<HangUp> {
    const answer = await this.api.stopCall(providerCallId);
    if (answer.kind !== 'answered') return 'unavailable';
    if (answer.status >= 200 && answer.status < 300) return 'done';
    if (!NOT_STOPPED.has(answer.status)) return 'unavailable';
    const lookup = await this.getCall(providerCallId);
    if (lookup.kind === 'not-found') return 'not-live';
    return lookup.kind === 'found' && lookup.report.progress === 'ended' ? 'not-live' : 'unavailable';
  }

  authenticateWebhook(headers: WebhookHeaders, rawBody: Uint8Array): boolean {
    return isSigned(headers['x-retell-signature'], rawBody, { key: this.webhookKey, now: Date.now() });
  }

  parseWebhook(body: unknown): readonly CallReport[] {
    const webhook = RetellWebhook.safeParse(body);
    const report = webhook.success ? webhookToReport(webhook.data) : undefined;
    return report === undefined ? [] : [report];
  }

  async verifyKey(): Promise<KeyCheck> {
    const read = await this.api.ask((client) => client.concurrency.retrieve());
    if (read.kind === 'read') return { ok: true, detail: 'Retell takes the key.' };
    if (read.kind === 'not-found') return { ok: false, detail: "The address does not speak Retell's API." };
    const isRefused = read.status === 401 || read.status === 403;
    return { ok: false, detail: isRefused ? 'Retell refuses the key.' : read.detail };
  }

  async listPhoneNumbers(): Promise<readonly VendorPhoneNumber[]> {
    const readPage = (key: string | undefined) => this.api.ask((client) => client.phoneNumber.list(after(key)));
    const items = itemsOrThrow(await listAll(readPage, RetellPhoneNumber));
    const numbers = new Map(items.map((item) => [item.phone_number, item]));
    return [...numbers.values()].filter((item) => E164.test(item.phone_number)).map(toPhoneNumber);
  }

  async listAssistants(): Promise<readonly VendorAssistant[]> {
    const readPage = (key: string | undefined) => this.api.ask((client) => client.agent.list(after(key)));
    const items = itemsOrThrow(await listAll(readPage, RetellAgent));
    const voices = items.filter(({ channel }) => channel !== 'chat');
    const names = new Map(voices.map(({ agent_id: id, agent_name: name }) => [id, name || id]));
    return [...names].map(([externalId, name]) => ({ externalId, name }));
  }

  private async readCall(
    providerCallId: string,
  ): Promise<{ readonly kind: 'found'; readonly call: RetellCall } | Exclude<CallLookup, { kind: 'found' }>> {
    const read = await this.api.ask((client) => client.call.retrieve(providerCallId));
    if (read.kind === 'not-found') return read;
    if (read.kind === 'failed') return { kind: 'unavailable', detail: read.detail };
    const call = RetellCall.safeParse(read.body);
    return call.success
      ? { kind: 'found', call: call.data }
      : { kind: 'unavailable', detail: 'Retell answered no readable call.' };
  }

  private readCalls(attemptId: string, paginationKey: string | undefined) {
    const body: CallListParams = {
      filter_criteria: { metadata: [{ key: 'attemptId', type: 'string', op: 'eq', value: attemptId }] },
      ...after(paginationKey),
    };
    return this.api.ask((client) => client.call.list(body));
  }
}

/** Where a list goes on. */
function after(paginationKey: string | undefined): { readonly pagination_key?: string } {
  return paginationKey === undefined ? {} : { pagination_key: paginationKey };
}

function itemsOrThrow<Item>(list: RetellList<Item>): readonly Item[] {
  if (list.kind === 'failed') throw new VendorUnavailable(list.detail);
  return list.items;
}

import {
  type CallLookup,
  CallProvider,
  type CallReport,
  type HangUp,
  type KeyCheck,
  type MaySend,
  type PlaceCall,
  type PlacedCallLookup,
  type PlacedCallsPage,
  type PlaceResult,
  type VendorAssistant,
  type VendorPhoneNumber,
} from '../../../src/modules/providers/public/call-provider.port';

/** An account at no vendor: accepts every call, knows none, and lists what a test gives it. */
export class FakeCallProvider extends CallProvider {
  phoneNumbers: readonly VendorPhoneNumber[] = [];
  assistants: readonly VendorAssistant[] = [];
  keyCheck: KeyCheck = { ok: true, detail: 'The vendor takes the key' };
  /** What the lists answer with instead. */
  failure: Error | undefined;

  /** Placements that it has sent. */
  posts = 0;

  async placeCall(_call?: PlaceCall, timeoutMs?: number, maySend?: MaySend): Promise<PlaceResult> {
    if (maySend && !(await isGivenInTime(maySend, timeoutMs)))
      return { kind: 'refused', refusal: 'unreachable', detail: 'called off' };
    this.posts += 1;
    return { kind: 'accepted', providerCallId: 'fake-call' };
  }

  async getCall(): Promise<CallLookup> {
    return { kind: 'not-found' };
  }

  async findPlaced(): Promise<CallLookup> {
    return { kind: 'not-found' };
  }

  async listPlaced(): Promise<PlacedCallsPage> {
    return { kind: 'page', calls: [], next: null };
  }

  async readPlaced(): Promise<PlacedCallLookup> {
    return { kind: 'not-found' };
  }

  async endCall(): Promise<HangUp> {
    return 'not-live';
  }

  authenticateWebhook(): boolean {
    return false;
  }

  parseWebhook(): readonly CallReport[] {
    return [];
  }

  async verifyKey(): Promise<KeyCheck> {
    return this.keyCheck;
  }

  async listPhoneNumbers(): Promise<readonly VendorPhoneNumber[]> {
    if (this.failure) throw this.failure;
    return this.phoneNumbers;
  }

  async listAssistants(): Promise<readonly VendorAssistant[]> {
    if (this.failure) throw this.failure;
    return this.assistants;
  }
}

/** No answer, or none in time, is a no. */
async function isGivenInTime(maySend: MaySend, timeoutMs = 30_000): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
  try {
    return await Promise.race([maySend().catch(() => false), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

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

  async placeCall(_call?: PlaceCall, _timeoutMs?: number, maySend?: MaySend): Promise<PlaceResult> {
    if (maySend && !(await maySend())) return { kind: 'refused', refusal: 'unreachable', detail: 'called off' };
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

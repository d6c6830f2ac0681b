import type { JsonRequest, Reply } from '../kit/json-server';
import { type SandboxOptions, VendorSandbox } from '../kit/vendor-sandbox';
import { VapiApi } from './api';
import { CreateCall, type CallDesk } from './create-call';
import { DEFAULT_ASSISTANTS, DEFAULT_PHONE_NUMBERS, type SandboxAssistant, type SandboxPhoneNumber } from './defaults';
import type { AnswerFault, MessageType } from './faults';
import { Journal } from './journal';
import type { SandboxCall } from './sandbox-call';
import { Webhooks } from './webhooks';

const DEFAULT_CONCURRENCY = 10;

export interface VapiSandboxOptions extends SandboxOptions {
  /** Live calls at once; 10 by default, as on a new account. */
  readonly concurrencyLimit?: number;
  /** Unlimited by default. */
  readonly postsPerMinute?: number;
  readonly phoneNumbers?: readonly SandboxPhoneNumber[];
  readonly assistants?: readonly SandboxAssistant[];
  /** A file that keeps the calls beyond the end of the stand-in: at the next start they have all ended meanwhile. */
  readonly journal?: string;
}

/** A stand-in for Vapi on loopback: real HTTP, calls that live and end, webhooks, faults to order. */
export class VapiSandbox extends VendorSandbox<SandboxCall, AnswerFault, MessageType> {
  readonly phoneNumbers: readonly SandboxPhoneNumber[];
  readonly assistants: readonly SandboxAssistant[];
  protected readonly recipientHungUp = 'customer-ended-call';
  private readonly vapiWebhooks: Webhooks;
  private readonly journal: Journal;

  constructor(private readonly options: VapiSandboxOptions) {
    super(options);
    this.phoneNumbers = options.phoneNumbers ?? DEFAULT_PHONE_NUMBERS;
    this.assistants = options.assistants ?? DEFAULT_ASSISTANTS;
    this.vapiWebhooks = new Webhooks(this.streams, this.timers);
    this.journal = new Journal(options.journal);
  }

  override reset(): void {
    super.reset();
    this.journal.clear();
  }

  protected speak(): (request: JsonRequest) => Reply | Promise<Reply> {
    const desk = this.callDesk();
    for (const call of this.journal.endedCalls(desk)) this.callsById.set(call.id, call);
    const api = new VapiApi(desk, new CreateCall(desk), this.options.apiKey);
    return (request) => api.answer(request);
  }

  protected tell(call: SandboxCall): void {
    this.vapiWebhooks.statusChanged(call);
  }

  protected repeatEnd(call: SandboxCall): void {
    this.vapiWebhooks.repeatEnd(call);
  }

  private callDesk(): CallDesk {
    return {
      ...this.desk(),
      journal: this.journal,
      webhooks: this.vapiWebhooks,
      assistants: new Map(this.assistants.map((assistant) => [assistant.id, assistant])),
      phoneNumbers: new Map(this.phoneNumbers.map((phoneNumber) => [phoneNumber.id, phoneNumber])),
      limits: {
        concurrency: this.options.concurrencyLimit ?? DEFAULT_CONCURRENCY,
        postsPerMinute: this.options.postsPerMinute ?? Infinity,
      },
      controlUrl: (callId) => `${this.url}/${callId}/control`,
    };
  }
}

export function startVapiSandbox(options: VapiSandboxOptions): Promise<VapiSandbox> {
  return new VapiSandbox(options).start();
}

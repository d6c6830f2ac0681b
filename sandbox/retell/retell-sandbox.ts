import type { JsonRequest, Reply } from '../kit/json-server';
import { type SandboxOptions, VendorSandbox } from '../kit/vendor-sandbox';
import { RetellApi } from './api';
import { CreateCall, type CallDesk } from './create-call';
import { DEFAULT_AGENTS, DEFAULT_PHONE_NUMBERS, type SandboxAgent, type SandboxPhoneNumber } from './defaults';
import type { AnswerFault, EventType } from './faults';
import type { SandboxCall } from './sandbox-call';
import { Webhooks } from './webhooks';

const DEFAULT_CONCURRENCY = 20;
const DEFAULT_POSTS = 1_000;

export interface RetellSandboxOptions extends SandboxOptions {
  /** Live calls at once; 20 by default, as in a new workspace. */
  readonly concurrencyLimit?: number;
  /** 1000 by default. */
  readonly postsPerTenSeconds?: number;
  /** Answers of 400 to 499 before everything is refused until the next minute; unlimited by default, 60 at Retell. */
  readonly refusalsPerMinute?: number;
  readonly phoneNumbers?: readonly SandboxPhoneNumber[];
  readonly agents?: readonly SandboxAgent[];
  /** Signs webhooks; the API key by default. */
  readonly webhookKey?: string;
  /** Where the webhooks of calls and agents go that name no address. */
  readonly webhookUrl?: string;
}

/** A stand-in for Retell on loopback: real HTTP, calls that live and end, signed webhooks, faults to order. */
export class RetellSandbox extends VendorSandbox<SandboxCall, AnswerFault, EventType> {
  readonly phoneNumbers: readonly SandboxPhoneNumber[];
  readonly agents: readonly SandboxAgent[];
  protected readonly recipientHungUp = 'user_hangup';
  private readonly retellWebhooks: Webhooks;

  constructor(private readonly options: RetellSandboxOptions) {
    super(options);
    this.phoneNumbers = options.phoneNumbers ?? DEFAULT_PHONE_NUMBERS;
    this.agents = options.agents ?? DEFAULT_AGENTS;
    const { webhookKey = options.apiKey, webhookUrl } = options;
    this.retellWebhooks = new Webhooks(this.streams, this.timers, { webhookKey, webhookUrl });
  }

  protected speak(): (request: JsonRequest) => Reply | Promise<Reply> {
    const desk = this.callDesk();
    const api = new RetellApi(desk, new CreateCall(desk), this.options.apiKey);
    return (request) => api.answer(request);
  }

  protected tell(call: SandboxCall): void {
    this.retellWebhooks.statusChanged(call);
  }

  protected repeatEnd(call: SandboxCall): void {
    this.retellWebhooks.repeatEnd(call);
  }

  private callDesk(): CallDesk {
    return {
      ...this.desk(),
      webhooks: this.retellWebhooks,
      agents: new Map(this.agents.map((agent) => [agent.id, agent])),
      phoneNumbers: new Map(this.phoneNumbers.map((phoneNumber) => [phoneNumber.number, phoneNumber])),
      limits: {
        concurrency: this.options.concurrencyLimit ?? DEFAULT_CONCURRENCY,
        postsPerTenSeconds: this.options.postsPerTenSeconds ?? DEFAULT_POSTS,
        refusalsPerMinute: this.options.refusalsPerMinute ?? Infinity,
      },
    };
  }
}

export function startRetellSandbox(options: RetellSandboxOptions): Promise<RetellSandbox> {
  return new RetellSandbox(options).start();
}

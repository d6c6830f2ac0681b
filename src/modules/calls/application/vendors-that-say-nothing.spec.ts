import { Logger } from '@nestjs/common';
import type { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { type Facts, currentStory, factsOf } from '../../../shared/observability/story';
import type { CallLookup } from '../../providers/public/call-provider.port';
import type { ProviderPool } from '../../providers/public/provider-pool.port';
import type { ApplyCallReport } from './apply-call-report';
import { AskAboutCall } from './ask-about-call';
import type { DispatchSettings } from './dispatch-settings';
import type { LiveCalls } from './ports/live-calls.port';
import { ResolvePlacements } from './resolve-placements';

const IDS = { attemptId: 'attempt', callQueueId: 'call', providerId: 'provider' };
const SETTINGS = { placeTimeoutMs: 1, reconcileIntervalMs: 1 } as DispatchSettings;
const apply = { execute: async () => true } as unknown as ApplyCallReport;

type Told = readonly [level: string, event: unknown, facts: Facts];
let told: Told[];

beforeEach(() => {
  told = [];
  for (const level of ['warn', 'log'] as const)
    jest.spyOn(Logger.prototype, level).mockImplementation((_text: unknown, ...details: unknown[]) => {
      const fields = details.find(
        (one): one is { event: string } => typeof one === 'object' && !(one instanceof Error),
      );
      told.push([level, fields?.event, factsOf(currentStory())]);
    });
});
afterEach(() => {
  jest.restoreAllMocks();
});

const pool = (answer: () => Promise<CallLookup>) =>
  ({ connect: async () => ({ findPlaced: answer, getCall: answer }) }) as unknown as ProviderPool;

function lookUp(answer: () => Promise<CallLookup>): Promise<void> {
  const liveCalls = {
    orphanPlacing: async () => [],
    takeUnknown: async () => [{ ...IDS, query: {} }],
    noteNotFound: async () => undefined,
  } as unknown as LiveCalls;
  return new ResolvePlacements(liveCalls, pool(answer), apply, SETTINGS).execute();
}

function ask(answer: () => Promise<CallLookup>): Promise<void> {
  const events = { publish: async () => undefined } as unknown as DomainEvents;
  return new AskAboutCall(pool(answer), apply, events).execute({ ...IDS, providerCallId: 'theirs', isOver: false });
}

const UNAVAILABLE = async () => ({ kind: 'unavailable', detail: 'HTTP 500' }) as const;
const NOT_FOUND = async () => ({ kind: 'not-found' }) as const;
const THROWS = () => Promise.reject(new Error('no driver'));

it.each([
  ['looked up, and does not answer', () => lookUp(UNAVAILABLE), 'warn', 'attempt.lookup_failed'],
  ['looked up, and cannot be', () => lookUp(THROWS), 'warn', 'attempt.lookup_failed'],
  ['looked up, and does not know it', () => lookUp(NOT_FOUND), 'log', 'attempt.not_found'],
  ['asked, and does not answer', () => ask(UNAVAILABLE), 'warn', 'attempt.inquiry_failed'],
  ['asked, and cannot be', () => ask(THROWS), 'warn', 'attempt.inquiry_failed'],
  ['asked, and does not know it', () => ask(NOT_FOUND), 'warn', 'attempt.not_shown'],
])('what a vendor is %s is told with the ids of the call', async (_what, happens, level, event) => {
  await happens();
  const ids = { callId: 'call', attemptId: 'attempt', providerId: 'provider' };
  expect(told).toEqual([[level, event, expect.objectContaining(ids)]]);
});

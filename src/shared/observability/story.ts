import { AsyncLocalStorage } from 'node:async_hooks';

/** Ids that find a line of the log again. Never a person's: no user, number, name or word of theirs. */
export interface Facts {
  readonly requestId?: string;
  readonly callId?: string;
  readonly attemptId?: string;
  readonly providerId?: string;
  /** The vendor's own id of a call. */
  readonly providerCallId?: string;
  /** A customer of the payment side. */
  readonly customerId?: string;
  /** An event of the payment side. */
  readonly eventId?: string;
  /** Why a request was refused: the code of its problem. */
  readonly code?: string;
}

/** What a story is about. Also the name of its span in a trace. */
export type StoryName =
  | 'request'
  | 'webhook'
  | 'claim'
  | 'placement'
  | 'recording'
  | 'resolution'
  | 'inquiry'
  | 'hang-up'
  | 'comparison'
  | 'payment-events'
  | 'payment-sync';

/** Something that goes on, and the facts known about it. Opaque for everybody but this file and the log. */
export interface Story {
  readonly name: StoryName;
  readonly around: Story | undefined;
  facts: Facts;
  /** Where traces are made. */
  span?: StorySpan;
}

/** What a trace knows of a story. */
export interface StorySpan {
  /** As OpenTelemetry names them in logs. */
  readonly ids: { readonly trace_id: string; readonly span_id: string };
  note(facts: Facts): void;
}

/** Tells a story as a part of a trace. Its causes are the stories that it is a part of, or that share it. */
export type StoryTrace = <T>(story: Story, causes: readonly (Story | undefined)[], work: () => T) => T;

let trace: StoryTrace | undefined;

/** From now on stories are told in this way; undefined: only to the log. */
export function traceStories(how: StoryTrace | undefined): void {
  trace = how;
}

const stories = new AsyncLocalStorage<Story | undefined>();

/** Runs `work` so that every line which is logged in it, at any depth, carries the facts, and those of stories around. */
export function within<T>(name: StoryName, facts: Facts, work: () => T): T {
  const story = stories.getStore();
  return tell({ name, facts, around: story }, [story], work);
}

/**
 * Like `within`, but free of the stories around: for work that several of them share, or that outlives them.
 * @param causes those that wait for it, which only a trace knows of
 */
export function apart<T>(name: StoryName, facts: Facts, work: () => T, causes: readonly (Story | undefined)[] = []): T {
  return tell({ name, facts, around: undefined }, causes, work);
}

/** A story for work that begins and ends in different callbacks: `inStory` goes on with it. */
export function openStory(name: StoryName, facts: Facts): Story {
  return { name, facts, around: undefined };
}

/** Adds what has become known to the surrounding story, and to the request that it is part of. */
export function note(facts: Facts, story = stories.getStore()): void {
  if (!story) return;
  add(story, facts);
  const request = around(story.around, 'request');
  if (request) add(request, facts);
}

/** The surrounding story, to go on with it where the thread is lost: in a group, or in the server's callbacks. */
export function currentStory(): Story | undefined {
  return stories.getStore();
}

/** Runs `work` in a story that has begun elsewhere; undefined: in none. */
export function inStory<T>(story: Story | undefined, work: () => T): T {
  return stories.run(story, work);
}

/** All facts of a story and of those around it, and where traces are made the ids of its span; what is nearer counts. */
export function factsOf(story: Story | undefined): Facts & Partial<StorySpan['ids']> {
  if (!story) return {};
  const own = story.span ? { ...story.facts, ...story.span.ids } : story.facts;
  return story.around ? { ...factsOf(story.around), ...own } : own;
}

function tell<T>(story: Story, causes: readonly (Story | undefined)[], work: () => T): T {
  if (!trace) return stories.run(story, work);
  const told = trace;
  return stories.run(story, () => told(story, causes, work));
}

function add(story: Story, facts: Facts): void {
  story.facts = { ...story.facts, ...facts };
  story.span?.note(facts);
}

function around(story: Story | undefined, name: StoryName): Story | undefined {
  return story === undefined || story.name === name ? story : around(story.around, name);
}

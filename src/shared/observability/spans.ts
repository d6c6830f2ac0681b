import { isPromise } from 'node:util/types';
import {
  type Attributes,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { DomainError } from '../kernel/domain-error';
import { currentStory, type Facts, factsOf, type Story, type StorySpan, traceStories } from './story';

/** A span of something that is asked for elsewhere; whoever has got one ends it. */
export type ClientSpan = Span;

/** What makes spans, and reads the trace that a request belongs to from its headers. */
export interface SpanSource {
  readonly tracer: Tracer;
  readonly propagator: Pick<TextMapPropagator, 'extract'>;
}

/** Which attribute a fact becomes. What is not here is in no trace: a customer of the payment side is a person. */
const ATTRIBUTES: Readonly<Partial<Record<keyof Facts, string>>> = {
  requestId: 'ringonce.request.id',
  callId: 'ringonce.call.id',
  attemptId: 'ringonce.attempt.id',
  providerId: 'ringonce.provider.id',
  providerCallId: 'ringonce.provider.call_id',
  eventId: 'ringonce.payment.event_id',
  code: 'ringonce.problem.code',
};

let source: SpanSource | undefined;

/** From now on there are spans; undefined: no more. Whatever asks `isTracing` once, when it starts, has to start later. */
export function makeSpans(given: SpanSource | undefined): void {
  source = given;
  traceStories(given && spanned);
}

export function isTracing(): boolean {
  return source !== undefined;
}

/** A span of a story that `within` has not opened: of a request, which begins and ends in different callbacks. */
export function requestSpan(name: string, attributes: Attributes, from: Context): Span | undefined {
  const story = currentStory();
  const span = tryTo(() => source?.tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, from));
  if (story && span) story.span = new SpanOfStory(span, story.facts);
  return span;
}

/**
 * The trace that headers tell of; without one, or where they are not to be listened to, a new one. Of the headers only the
 * two ids and the flags count: a client's `tracestate` may be anybody's words, and would be in every span.
 */
export function traceOf(headers: Readonly<Record<string, string | string[] | undefined>>): Context {
  const getter = { keys: () => Object.keys(headers), get: (_: unknown, name: string) => headers[name] };
  const context = tryTo(() => source?.propagator.extract(ROOT_CONTEXT, headers, getter));
  const given = context && trace.getSpanContext(context);
  if (!given) return ROOT_CONTEXT;
  const { traceId, spanId, traceFlags } = given;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/**
 * A span of something that is asked for elsewhere, a part of the surrounding story. Undefined where that has none, or none
 * that anybody will see: what happens by itself all the time, such as looks at the queue, is in no trace.
 */
export function clientSpan(
  describe: () => { readonly name: string; readonly attributes: Attributes },
): ClientSpan | undefined {
  return tryTo(() => {
    const around = source && spanAround(currentStory());
    if (!source || !around?.isRecording()) return undefined;
    const { name, attributes } = describe();
    return source.tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, trace.setSpan(ROOT_CONTEXT, around));
  });
}

/** Ends a span. */
export function end(span: Span): void {
  tryTo(() => {
    span.end();
  });
}

/** Ends a span as failed. Never with the error's words, which may quote what was written. */
export function endFailed(span: Span, type: string): void {
  tryTo(() => {
    span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
}

/** A trace never costs what it is about. */
function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

class SpanOfStory implements StorySpan {
  readonly ids: StorySpan['ids'];

  constructor(
    readonly span: Span,
    facts: Facts,
  ) {
    const { traceId, spanId } = span.spanContext();
    this.ids = { trace_id: traceId, span_id: spanId };
    this.note(facts);
  }

  note(facts: Facts): void {
    for (const [fact, value] of Object.entries(facts) as [string, string | undefined][]) {
      const name = ATTRIBUTES[fact as keyof Facts];
      if (name !== undefined && value !== undefined) tryTo(() => this.span.setAttribute(name, value));
    }
  }
}

/** Tells a story with a span of its own: a part of the first of its causes that is kept, and linked to the others. */
function spanned<T>(story: Story, causes: readonly (Story | undefined)[], work: () => T): T {
  const span = tryTo(() => openSpan(story, causes));
  if (!span) return work();
  try {
    const result = work();
    if (isPromise(result))
      result.then(
        () => {
          end(span);
        },
        (error: unknown) => {
          endWith(span, error);
        },
      );
    else end(span);
    return result;
  } catch (error) {
    endWith(span, error);
    throw error;
  }
}

function openSpan(story: Story, causes: readonly (Story | undefined)[]): Span | undefined {
  const around = causes.flatMap((cause) => spanAround(cause) ?? []);
  const parent = around.find(isKept) ?? around[0];
  const links: Link[] = around.filter((span) => span !== parent).map((span) => ({ context: span.spanContext() }));
  const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
  const span = source?.tracer.startSpan(story.name, { links }, context);
  if (span) story.span = new SpanOfStory(span, factsOf(story));
  return span;
}

/** Whether a sampler has decided for it, and not only whether it still goes on. */
function isKept(span: Span): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

function spanAround(story: Story | undefined): Span | undefined {
  if (story === undefined) return undefined;
  return story.span instanceof SpanOfStory ? story.span.span : spanAround(story.around);
}

/** A refusal is an answer like any other; only what nobody expected is a failure. */
function endWith(span: Span, error: unknown): void {
  if (error instanceof DomainError) end(span.setAttribute('ringonce.problem.code', error.code));
  else endFailed(span, error instanceof Error ? error.name : 'unknown');
}

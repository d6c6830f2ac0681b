import {
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { DomainError } from '../kernel/domain-error';
import { clientSpan, makeSpans, type SpanSource } from './spans';
import { apart, currentStory, factsOf, inStory, note, within } from './story';

const { NOT_RECORD, RECORD_AND_SAMPLED } = SamplingDecision;
const CALL = '7b1a3c52-0d64-4f8e-9c8e-2f6f5d0f1a11';
const aQuery = () => ({ name: 'SELECT call_queue', attributes: {} });

function spansInto(exporter: InMemorySpanExporter, sampler?: Sampler): SpanSource {
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  const provider = new BasicTracerProvider({ spanProcessors, ...(sampler && { sampler }) });
  return { tracer: provider.getTracer('test'), propagator: { extract: (context) => context } };
}

class Refused extends DomainError {
  constructor() {
    super('calls.refused', 'conflict', 'It is refused');
  }
}

describe('stories without traces', () => {
  it('have no span, and their lines no ids of one', () => {
    within('claim', { callId: CALL }, () => {
      expect(currentStory()?.span).toBeUndefined();
      expect(factsOf(currentStory())).toEqual({ callId: CALL });
      expect(clientSpan(aQuery)).toBeUndefined();
    });
  });
});

describe('stories with traces', () => {
  let exporter: InMemorySpanExporter;

  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    makeSpans(spansInto(exporter));
  });
  afterEach(() => makeSpans(undefined));

  const finished = () => exporter.getFinishedSpans();
  const named = (name: string) => finished().find((span) => span.name === name)!;

  it('are spans that end with their work, parts of those around', async () => {
    await within('claim', {}, async () => {
      await within('placement', { callId: CALL }, async () => {
        clientSpan(aQuery)?.end();
      });
      expect(finished().map(({ name }) => name)).toEqual(['SELECT call_queue', 'placement']);
    });
    expect(named('placement').parentSpanContext?.spanId).toBe(named('claim').spanContext().spanId);
    expect(named('SELECT call_queue').parentSpanContext?.spanId).toBe(named('placement').spanContext().spanId);
    expect(named('placement').attributes).toEqual({ 'ringonce.call.id': CALL });
  });

  it('tell the log which span a line belongs to', () => {
    within('claim', {}, () => {
      const { trace_id: traceId, span_id: spanId } = factsOf(currentStory());
      within('placement', {}, () => {
        expect(factsOf(currentStory()).trace_id).toBe(traceId);
        expect(factsOf(currentStory()).span_id).not.toBe(spanId);
      });
    });
    const { traceId, spanId } = named('claim').spanContext();
    expect(traceId).toMatch(/^[\da-f]{32}$/);
    expect(spanId).toMatch(/^[\da-f]{16}$/);
  });

  it('learn what becomes known later, and nothing of whom it is about', () => {
    within('webhook', {}, () => note({ callId: CALL, customerId: 'cus_1' }));
    expect(named('webhook').attributes).toEqual({ 'ringonce.call.id': CALL });
  });

  it('that several share are a part of the first and linked to the others', () => {
    const causes = (['webhook', 'placement'] as const).map((name) => within(name, {}, () => currentStory()));
    inStory(undefined, () => apart('recording', {}, () => undefined, causes));
    expect(named('recording').parentSpanContext?.spanId).toBe(named('webhook').spanContext().spanId);
    expect(named('recording').links.map(({ context }) => context.spanId)).toEqual([
      named('placement').spanContext().spanId,
    ]);
  });

  it('that several share are a part of the first that is kept', () => {
    const sampler: Sampler = {
      shouldSample: (_, __, name) => ({ decision: name === 'webhook' ? NOT_RECORD : RECORD_AND_SAMPLED }),
    };
    makeSpans(spansInto(exporter, new ParentBasedSampler({ root: sampler })));
    const causes = (['webhook', 'placement'] as const).map((name) => within(name, {}, () => currentStory()));
    inStory(undefined, () => apart('recording', {}, () => undefined, causes));
    expect(named('recording').parentSpanContext?.spanId).toBe(named('placement').spanContext().spanId);
  });

  it('fail with what they throw, by its name alone; a refusal is none', async () => {
    const secret = () => Promise.reject(new TypeError('+12025550123'));
    await expect(within('claim', {}, secret)).rejects.toThrow(TypeError);
    expect(() =>
      within('webhook', {}, () => {
        throw new Refused();
      }),
    ).toThrow(Refused);
    expect(named('claim')).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': 'TypeError' },
      events: [],
    });
    expect(JSON.stringify(named('claim').status)).not.toContain('2025550123');
    expect(named('webhook')).toMatchObject({
      status: { code: 0 },
      attributes: { 'ringonce.problem.code': 'calls.refused' },
    });
  });

  it('do not fail with what cannot be described, or be ended', () => {
    const wordless = () => {
      throw new RangeError('Maximum call stack size exceeded');
    };
    expect(within('claim', {}, () => clientSpan(wordless))).toBeUndefined();
    jest.spyOn(exporter, 'export').mockImplementation(wordless);
    expect(within('claim', {}, () => 'done')).toBe('done');
  });

  it('are the only place for what is asked elsewhere', () => {
    expect(clientSpan(aQuery)).toBeUndefined();
  });
});

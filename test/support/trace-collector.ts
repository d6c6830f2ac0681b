import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openTracing, type Tracing } from '../../src/shared/observability/tracing-sdk';

type Value = string | number | undefined;

export interface CollectedSpan {
  readonly name: string;
  /** 1: inside, 2: server, 3: client. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first one of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly links: readonly string[];
  /** 2: failed. */
  readonly status: number;
  readonly resource: Readonly<Record<string, Value>>;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface WireSpan extends Omit<CollectedSpan, 'attributes' | 'links' | 'status' | 'parentSpanId' | 'resource'> {
  readonly parentSpanId?: string;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly spanId: string }[];
  readonly status?: { readonly code?: number };
}

interface Batch {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

/** Takes in what an OpenTelemetry collector would, as JSON, and can be as unhelpful as one. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  /** Every byte that has come, as text. */
  received = '';
  requests = 0;
  behaviour: 'takes' | 'refuses' | 'hangs' = 'takes';

  private constructor(private readonly server: Server) {}

  static async open(): Promise<TraceCollector> {
    const server = createServer();
    const collector = new TraceCollector(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      collector.requests += 1;
      collector.received += `${String(request.url)}\n${JSON.stringify(request.headers)}\n`;
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (collector.behaviour === 'hangs') return;
        if (collector.behaviour === 'takes') collector.take(Buffer.concat(chunks).toString());
        response
          .writeHead(collector.behaviour === 'takes' ? 200 : 400, { 'content-type': 'application/json' })
          .end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Spans by name; without one, all of them. */
  named(name: string): readonly CollectedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  childrenOf({ spanId }: CollectedSpan): readonly CollectedSpan[] {
    return this.spans.filter((span) => span.parentSpanId === spanId);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(body: string): void {
    this.received += body;
    for (const { resource, scopeSpans } of (JSON.parse(body) as Batch).resourceSpans)
      for (const { spans } of scopeSpans)
        for (const span of spans) this.spans.push(read(span, toRecord(resource.attributes)));
  }
}

/** Traces of this process, until they are stopped, as the variables ask for them. */
export function traceTo(collector: TraceCollector, variables: Readonly<Record<string, string>> = {}): Tracing {
  const given = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    ...variables,
  };
  Object.assign(process.env, given);
  try {
    return openTracing(given);
  } finally {
    for (const name of Object.keys(given)) Reflect.deleteProperty(process.env, name);
  }
}

function read({ attributes, links, status, parentSpanId, ...span }: WireSpan, resource: CollectedSpan['resource']) {
  return {
    ...span,
    parentSpanId: parentSpanId ?? '',
    attributes: toRecord(attributes),
    links: (links ?? []).map(({ spanId }) => spanId),
    status: status?.code ?? 0,
    resource,
  };
}

function toRecord(attributes: readonly Attribute[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

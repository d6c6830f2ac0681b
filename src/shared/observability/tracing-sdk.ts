import { Logger } from '@nestjs/common';
import { diag, DiagLogLevel, type TextMapPropagator } from '@opentelemetry/api';
import {
  type ExportResult,
  ExportResultCode,
  setGlobalErrorHandler,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { atMost } from '../kernel/at-most';
import { makeSpans } from './spans';

type Environment = Readonly<Record<string, string | undefined>>;

/** Traces that are being made. */
export interface Tracing {
  /** Hands over what is left, for two seconds at most. Never rejects. */
  stop(): Promise<void>;
}

const SERVICE_NAME = 'ringonce';
/** What is left may take so long at the end. */
const FLUSH_MS = 2_000;

/**
 * Only this file knows the SDK, and only `startTracing` loads it. Where to send, with which headers, what to sample and
 * how much to keep the SDK reads from the environment by itself.
 * @throws Error for what is not supported
 */
export function openTracing(environment: Environment): Tracing {
  const logger = new Logger('Traces');
  refuseOtherExporters(environment['OTEL_TRACES_EXPORTER']);
  const exporter = new WatchedExporter(createExporter(environment), logger);
  // Each failed batch would be told again: the exporter tells once.
  setGlobalErrorHandler(() => undefined);
  diag.setLogger(diagnosticsInto(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const provider = new BasicTracerProvider({
    resource: describeService(),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  diag.disable();
  makeSpans({
    tracer: provider.getTracer(SERVICE_NAME),
    propagator: createPropagator(environment['OTEL_PROPAGATORS'], logger),
  });
  return {
    stop: async () => {
      makeSpans(undefined);
      await atMost(
        FLUSH_MS,
        provider.shutdown().catch(() => undefined),
      );
    },
  };
}

function refuseOtherExporters(exporters: string | undefined): void {
  const stranger = exporters?.split(',').find((name) => name.trim() !== 'otlp');
  if (stranger) throw new Error('OTEL_TRACES_EXPORTER: only otlp and none are supported');
}

function createExporter(environment: Environment): SpanExporter {
  const protocol =
    environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || environment['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/protobuf';
  if (protocol === 'http/protobuf') return new ProtobufExporter();
  if (protocol === 'http/json') return new JsonExporter();
  throw new Error('OTEL_EXPORTER_OTLP_PROTOCOL: only http/protobuf and http/json are supported');
}

/** Nothing about the machine or the command: only what the environment says, and which instance it is. */
function describeService() {
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': SERVICE_NAME, 'service.instance.id': crypto.randomUUID() }))
    .merge(detectResources({ detectors: [envDetector] }));
}

function createPropagator(names: string | undefined, logger: Logger): Pick<TextMapPropagator, 'extract'> {
  const wanted = (names || 'tracecontext').split(',').map((name) => name.trim());
  if (wanted.includes('tracecontext')) return new W3CTraceContextPropagator();
  if (!wanted.includes('none'))
    logger.warn('OTEL_PROPAGATORS: only tracecontext is supported; every request begins a trace of its own');
  return { extract: (context) => context };
}

/** Says once that traces do not get through, and once that they do again. */
class WatchedExporter implements SpanExporter {
  private isFailing = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly logger: Logger,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, (result) => {
      this.look(result);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  forceFlush(): Promise<void> {
    return this.exporter.forceFlush?.() ?? Promise.resolve();
  }

  private look({ code, error }: ExportResult): void {
    const isFailing = code === ExportResultCode.FAILED;
    if (isFailing && !this.isFailing)
      this.logger.warn(`The collector does not take traces (${reasonOf(error)}): they are lost until it does`);
    if (!isFailing && this.isFailing) this.logger.log('The collector takes traces again');
    this.isFailing = isFailing;
  }
}

/** Never the answer's body. */
function reasonOf(error: (Error & { readonly code?: unknown }) | undefined): string {
  const code = error?.code;
  if (typeof code === 'number' || typeof code === 'string') return String(code);
  return error?.message || 'no answer';
}

function diagnosticsInto(logger: Logger) {
  const warn = (text: string) => logger.warn(text);
  const ignore = () => undefined;
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}

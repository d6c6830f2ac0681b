import { Logger } from '@nestjs/common';
import type { Tracing } from './tracing-sdk';

type Environment = Readonly<Record<string, string | undefined>>;
type LoadSdk = () => Promise<{ readonly openTracing: (environment: Environment) => Tracing }>;

/** Whether the environment asks for traces, in OpenTelemetry's own words. Nothing that it says of traces makes them by itself. */
export function wantsTraces(environment: Environment): boolean {
  const exporters = environment['OTEL_TRACES_EXPORTER'];
  const endpoint = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (environment['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return false;
  return exporters ? exporters.trim() !== 'none' : !!endpoint;
}

/**
 * Begins to make traces where the environment asks for it; otherwise nothing is even loaded. Before the application is
 * created. What makes no sense, or cannot be had, is told in the log: no call waits for traces.
 */
export async function startTracing(
  environment: Environment,
  load: LoadSdk = () => import('./tracing-sdk.js'),
): Promise<Tracing | undefined> {
  if (!wantsTraces(environment)) return undefined;
  try {
    const { openTracing } = await load();
    return openTracing(environment);
  } catch (error) {
    new Logger('Traces').warn('There are no traces: the OTEL_ variables cannot be followed', error);
    return undefined;
  }
}

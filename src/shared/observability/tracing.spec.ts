import { Logger } from '@nestjs/common';
import { isTracing } from './spans';
import * as sdk from './tracing-sdk';
import { startTracing, wantsTraces } from './tracing';

describe('traces', () => {
  it.each([
    [{}, false],
    [{ OTEL_SERVICE_NAME: 'calls', OTEL_TRACES_SAMPLER: 'always_on', OTEL_RESOURCE_ATTRIBUTES: 'a=b' }, false],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'false' }, true],
    [{ OTEL_TRACES_EXPORTER: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  ])('%j: %s', (environment, expected) => {
    expect(wantsTraces(environment)).toBe(expected);
  });

  it('are not begun without being asked for', async () => {
    expect(await startTracing({ OTEL_SERVICE_NAME: 'calls' })).toBeUndefined();
    expect(isTracing()).toBe(false);
  });

  it.each([
    ['OTEL_TRACES_EXPORTER', { OTEL_TRACES_EXPORTER: 'zipkin' }],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ])('that cannot be had end nothing, and %s is named', async (name, environment) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    expect(await startTracing(environment, async () => sdk)).toBeUndefined();
    expect(isTracing()).toBe(false);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String((warn.mock.calls[0] as unknown[])[1])).toContain(name);
  });
});

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { DomainEvents } from '../../src/shared/kernel/domain-events.port';
import { CallStep } from '../../src/modules/calls/application/observed-facts';
import { stepsOf } from '../docs/documented-blocks';
import { numbers } from '../support/dispatch-world';
import { HeardLog, type LogLine } from '../support/heard-log';
import { folderInRun } from '../support/run-record';
import { TwoVendors } from '../support/two-vendors';
import { waitFor } from '../support/wait-for';

let vendors: TwoVendors;

beforeAll(async () => {
  vendors = await TwoVendors.start({ limits: [10, 10] });
});
afterAll(() => vendors.world.stop());

const [NUMBER, CANCELED, UNKNOWN, ...BATCH] = numbers(6) as [string, string, string, ...string[]];

async function send(path: string, requestId: string, body?: unknown) {
  const { service, userToken: token } = vendors.world;
  const headers = { 'x-request-id': requestId };
  return service.request('POST', path, { token, headers, ...(body === undefined ? {} : { body }) });
}

function order(recipientNumber: string, more: Record<string, unknown> = {}) {
  return { templateId: vendors.world.templateId, recipientNumber, ...more };
}

const eventsOf = (lines: readonly LogLine[]) => lines.map(({ event }) => event);
/** What happened to calls, without the requests that asked for it. */
const story = (lines: readonly LogLine[]) => lines.filter(({ event }) => /^(call|attempt)\./.test(String(event)));
const told = (log: HeardLog, callId: string, event: string) =>
  waitFor(async () => eventsOf(log.about({ callId })).includes(event), `the log tells ${event}`);

/** The page's command, run on what was logged. */
const [COMMAND] = stepsOf('docs/logs.md');
function asDocumented({ texts }: HeardLog, callId: string): string {
  const cwd = folderInRun('story-');
  writeFileSync(join(cwd, 'ringonce.log'), `${texts.join('\n')}\n`);
  const shell = ['-euo', 'pipefail', '-c', `CALL=${callId}\n${COMMAND!.text}`];
  return spawnSync('bash', shell, { cwd, encoding: 'utf8' }).stdout;
}
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

describe("a call's story", () => {
  it('is found by its id alone, from the order to the charged minutes, across two providers', async () => {
    // As by default: the vendor tells the end twice, and that the second time is no news is told at a quieter level.
    const log = new HeardLog('info');
    const [first, second] = [vendors.first.id, vendors.second.id];
    vendors.first.sandbox.order({ number: NUMBER, answer: { kind: 'account', status: 402 } });
    // Nothing is told of the call before its answer is recorded.
    vendors.second.sandbox.order({ number: NUMBER, call: { holdsWhile: 'queued' } });
    const { id: callId } = (await send('/v1/calls', 'the-order', order(NUMBER))).body;
    await told(log, callId, 'attempt.accepted');
    vendors.second.sandbox.release(NUMBER);
    await told(log, callId, 'attempt.settled');

    const lines = story(log.about({ callId }));
    expect(lines.map(({ event, level, providerId }) => [event, level, providerId])).toEqual([
      ['call.queued', 'info', undefined],
      ['attempt.claimed', 'info', first],
      ['attempt.refused', 'info', first],
      ['attempt.claimed', 'info', second],
      ['attempt.accepted', 'info', second],
      ['attempt.in_progress', 'info', second],
      ['attempt.ended', 'info', second],
      ['attempt.settled', 'info', second],
    ]);
    const [queued, , refused, , accepted, answered, ended, settled] = lines;
    expect(queued).toMatchObject({ requestId: 'the-order' });
    expect(refused).toMatchObject({ reason: 'account', callStatus: 'queued' });
    expect(ended).toMatchObject({ outcome: 'completed', durationSeconds: 30, callStatus: 'completed' });
    expect(ended?.requestId).not.toBe(answered?.requestId);
    expect(settled).toMatchObject({ minutes: 1 });
    // What woke the dispatcher has a story of its own.
    for (const line of lines.slice(1)) expect(line.requestId).not.toBe('the-order');

    // As the documentation says, with the command that it gives.
    expect(asDocumented(log, callId)).toBe(COMMAND?.shown?.text);

    // By attempt, and by the vendor's id: the lines since the second claim.
    const { attemptId, providerCallId } = accepted!;
    expect(story(log.about({ attemptId }))).toEqual(lines.slice(3));
    expect(story(log.about({ providerCallId }))).toEqual(lines.slice(4));
    // By the webhook's request: what it told, and its answer.
    const { requestId } = ended!;
    await waitFor(
      async () => log.about({ requestId, event: 'request.answered' }).length > 0,
      'the webhook is answered',
    );
    const webhook = log.about({ requestId });
    expect(eventsOf(webhook)).toEqual(['attempt.ended', 'attempt.settled', 'request.answered']);
    expect(webhook[2]).toMatchObject({
      ...{ method: 'POST', route: '/v1/webhooks/providers/:providerId', status: 200 },
      ...{ callId, attemptId, providerId: second },
    });
    expect(typeof webhook[2]?.durationMs).toBe('number');
  });

  it('has what every part of the service tells, by the documented command', async () => {
    const log = new HeardLog();
    new Logger('PlaceAttempt').warn('Not yet', { event: 'attempt.not_recorded', callId: 'this-call' });
    new Logger('Http').log('GET', { event: 'request.answered', callId: 'this-call' });
    new Logger('Reconcile').warn('About something else', { event: 'attempt.orphaned', callId: 'another' });
    expect(asDocumented(log, 'this-call')).toBe('warn attempt.not_recorded: Not yet\n');
  });

  it('tells once what users do, with the request that did it', async () => {
    const log = new HeardLog();
    const { id: callId } = (await send('/v1/calls', 'order', order(CANCELED, { scheduledTime: tomorrow() }))).body;
    await send(`/v1/calls/${callId}/cancel`, 'cancel');
    await send(`/v1/calls/${callId}/cancel`, 'cancel-again');
    const repeated = (await send(`/v1/calls/${callId}/retry`, 'retry')).body.id as string;
    expect(log.about({ callId }).map(({ event, requestId, code }) => [event, requestId, code])).toEqual([
      ['call.queued', 'order', undefined],
      ['request.answered', 'order', undefined],
      ['call.canceled', 'cancel', undefined],
      ['request.answered', 'cancel', undefined],
      ['request.answered', 'cancel-again', 'calls.not_cancelable'],
      ['call.retried', 'retry', undefined],
    ]);
    expect(story(log.about({ callId: repeated }))[0]).toMatchObject({ event: 'call.queued', retryOf: callId });
    // Users are refused every day: nobody has to know.
    expect(log.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('begins with a line for each call of a batch', async () => {
    const log = new HeardLog();
    const calls = BATCH.map((recipientNumber) => ({ recipientNumber, scheduledTime: tomorrow() }));
    const batch = { templateId: vendors.world.templateId, calls };
    const { accepted } = (await send('/v1/calls/batch', 'batch', batch)).body as { accepted: { id: string }[] };
    expect(accepted).toHaveLength(3);
    expect(story(log.about({ requestId: 'batch' })).map(({ event, callId }) => [event, callId])).toEqual(
      accepted.map(({ id }) => ['call.queued', id]),
    );
  });

  it('warns of a placement that nobody knows the result of', async () => {
    const log = new HeardLog();
    vendors.second.sandbox.order({ number: UNKNOWN, answer: { kind: 'error-before', status: 500 } });
    const { id: callId } = (await send('/v1/calls', 'in-doubt', order(UNKNOWN))).body;
    await told(log, callId, 'attempt.unknown');
    const [unknown] = log.about({ callId, event: 'attempt.unknown' });
    expect(unknown).toMatchObject({ level: 'warn', providerId: vendors.second.id, reason: 'server_error' });
    expect(unknown?.attemptId).toBeDefined();
  });

  it('is told beside what is done to the whole queue', async () => {
    const log = new HeardLog();
    const { world } = vendors;
    for (const step of ['pause', 'resume']) await world.admin('POST', `/v1/admin/queue/${step}`);
    await world.service.request('POST', '/v1/admin/queue/stop', { token: world.adminToken, body: { hangUp: true } });
    await world.admin('POST', '/v1/admin/queue/resume');
    const told = log.lines.filter(({ event }) => String(event).startsWith('queue.'));
    expect(told.map(({ event, level }) => [event, level])).toEqual([
      ['queue.paused', 'warn'],
      ['queue.resumed', 'info'],
      ['queue.stopped', 'warn'],
      ['queue.resumed', 'info'],
    ]);
    for (const { requestId } of told) expect(requestId).toEqual(expect.any(String));
  });

  it('does not tell what was rolled back', async () => {
    const log = new HeardLog();
    const { app } = vendors.world.service;
    const failing = app.get(UnitOfWork).run(async () => {
      await app.get(DomainEvents).publish(new CallStep('call.queued', 'never'));
      throw new Error('on second thought');
    });
    await expect(failing).rejects.toThrow('on second thought');
    await app.get(UnitOfWork).run(() => app.get(DomainEvents).publish(new CallStep('call.queued', 'really')));
    expect(story(log.lines).map(({ callId }) => callId)).toEqual(['really']);
  });
});

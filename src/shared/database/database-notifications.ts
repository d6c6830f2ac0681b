import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { escapeIdentifier } from 'pg';
import { atMost } from '../kernel/at-most';
import { openSession, type OpenSession } from './connection';

/** Hears of each notification, and once after every (re)connection, because something may have been missed. */
export type NotificationHandler = (payload: string) => void;

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** How often the session is asked whether it is still there, and how long it may take to answer. */
const CHECKS_MS = { every: 10_000, patience: 5_000 } as const;

/** How often a session is looked after, and how long it may stay silent. */
export interface Checks {
  readonly every: number;
  readonly patience: number;
}

/**
 * LISTEN on a session of its own. It connects with the first subscription and again whenever the session is lost, ever
 * more slowly. A session over which nothing comes any more counts as lost, too: a network that swallows everything tells
 * nobody. Where no session can be had the subscribers hear nothing: whoever needs certainty polls as well.
 *
 * A pooler that lends connections by the transaction takes LISTEN and passes nothing on. So the session listens to a
 * channel of its own as well, and is sent something there on the way that everything else takes. Who hears nothing has
 * decided to poll, knowingly or not: that is told, and a session it remains.
 */
@Injectable()
export class DatabaseNotifications implements OnApplicationShutdown {
  private readonly logger = new Logger('DatabaseNotifications');
  private readonly handlers = new Map<string, Set<NotificationHandler>>();
  private session: OpenSession | undefined;
  private connecting: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private check: NodeJS.Timeout | undefined;
  private failures = 0;
  private readonly over = new AbortController();
  /** By a clock that never jumps. */
  private wantedSinceMs: number | undefined;
  private readonly ownChannel = `ringonce_echo_${randomUUID().replaceAll('-', '')}`;
  /** Somebody waits for a notification on it. */
  private hear: ((isHeard: boolean) => void) | undefined;
  private isDeaf = false;

  /** @param notify sends an empty notification to a channel, as those that matter are sent; without it nobody is tested */
  constructor(
    private readonly directUrl: string,
    private readonly checksMs: Checks = CHECKS_MS,
    private readonly notify?: (channel: string) => Promise<unknown>,
  ) {}

  /** Whether notifications arrive at the moment, as far as anybody knows. */
  get isConnected(): boolean {
    return this.session !== undefined && !this.isDeaf;
  }

  /** For how many milliseconds somebody has been waiting in vain for a session that listens. */
  get silentForMs(): number {
    return this.wantedSinceMs === undefined ? 0 : performance.now() - this.wantedSinceMs;
  }

  /** @returns how to unsubscribe. The handler must not throw. */
  subscribe(channel: string, handle: NotificationHandler): () => void {
    const handlers = this.handlers.get(channel);
    if (handlers) handlers.add(handle);
    else this.handlers.set(channel, new Set([handle]));
    if (this.session) void this.listen(this.session, channel);
    else this.connect();
    return () => {
      this.handlers.get(channel)?.delete(handle);
    };
  }

  async onApplicationShutdown(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    clearTimeout(this.retry);
    clearInterval(this.check);
    await session?.close().catch(() => undefined);
    this.over.abort();
    await this.connecting;
  }

  private connect(): void {
    if (this.over.signal.aborted || this.connecting || this.session) return;
    this.wantedSinceMs ??= performance.now();
    clearTimeout(this.retry);
    this.connecting = this.open()
      .catch((error: unknown) => {
        this.retryLater(error);
      })
      .finally(() => {
        this.connecting = undefined;
      });
  }

  private async open(): Promise<void> {
    const limits = { answerTimeoutMs: this.checksMs.patience, signal: this.over.signal };
    const session = await openSession(this.directUrl, limits);
    session.client.on('end', () => {
      this.lose(session);
    });
    session.client.on('notification', ({ channel, payload }) => {
      this.deliver(channel, payload ?? '');
    });
    try {
      if (this.notify) await session.query(`listen ${this.ownChannel}`);
      for (const channel of this.handlers.keys()) await session.query(`listen ${escapeIdentifier(channel)}`);
      this.over.signal.throwIfAborted();
    } catch (error) {
      session.abandon();
      throw error;
    }
    this.session = session;
    this.failures = 0;
    this.wantedSinceMs = undefined;
    this.check = setInterval(() => void this.probe(session), this.checksMs.every).unref();
    for (const channel of this.handlers.keys()) this.deliver(channel, '');
  }

  private async listen(session: OpenSession, channel: string): Promise<void> {
    try {
      await session.query(`listen ${escapeIdentifier(channel)}`);
    } catch {
      // The next one listens to every channel.
      session.abandon();
      this.lose(session);
    }
    this.deliver(channel, '');
  }

  private deliver(channel: string, payload: string): void {
    if (channel === this.ownChannel) this.hear?.(true);
    for (const handle of this.handlers.get(channel) ?? []) handle(payload);
  }

  private lose(session: OpenSession): void {
    if (this.session !== session) return;
    this.session = undefined;
    clearInterval(this.check);
    this.logger.warn('The session for notifications was lost');
    this.connect();
  }

  /** Ends a session that does not answer. */
  private async probe(session: OpenSession): Promise<void> {
    const timer = setTimeout(() => {
      session.abandon();
      this.lose(session);
    }, this.checksMs.patience);
    await session.query('select 1').catch(() => undefined);
    clearTimeout(timer);
    if (this.session === session) await this.testHearing(session);
  }

  /** No verdict where the notification could not be sent. */
  private async testHearing(session: OpenSession): Promise<void> {
    if (!this.notify || this.hear) return;
    const heard = new Promise<boolean>((resolve) => (this.hear = resolve));
    const isSent = await this.notify(this.ownChannel).then(
      () => true,
      () => false,
    );
    const isHeard = isSent && ((await atMost(this.checksMs.patience, heard)) ?? false);
    this.hear = undefined;
    if (isSent && this.session === session) this.judge(isHeard);
  }

  private judge(isHeard: boolean): void {
    if (!isHeard && !this.isDeaf)
      this.logger.warn(
        'Notifications do not arrive on DATABASE_DIRECT_URL, so the service polls: it has to lead to the same database, and not through a pooler that lends connections by the transaction',
      );
    if (isHeard && this.isDeaf) this.logger.log('Notifications arrive again');
    this.isDeaf = !isHeard;
  }

  private retryLater(error: unknown): void {
    if (this.over.signal.aborted) return;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.failures, LONGEST_RETRY_MS);
    if (this.failures === 0) this.logger.warn(`No session for notifications: ${String(error)}`);
    this.failures += 1;
    this.retry = setTimeout(() => {
      this.connect();
    }, delayMs);
    this.retry.unref();
  }
}

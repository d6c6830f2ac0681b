import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { escapeIdentifier } from 'pg';
import { openSession, type OpenSession } from './connection';

/** Hears of each notification, and once after every (re)connection, because something may have been missed. */
export type NotificationHandler = (payload: string) => void;

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** How often the session is asked whether it is still there, and how long it may take to answer. */
const CHECKS_MS = { every: 10_000, patience: 5_000 } as const;

/**
 * LISTEN on a session of its own. It connects with the first subscription and again whenever the session is lost, ever
 * more slowly. A session over which nothing comes any more counts as lost, too: a network that swallows everything tells
 * nobody. Where no session can be had the subscribers hear nothing: whoever needs certainty polls as well.
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
  private isOver = false;
  /** By a clock that never jumps. */
  private wantedSinceMs: number | undefined;

  constructor(
    private readonly directUrl: string,
    private readonly checksMs: { readonly every: number; readonly patience: number } = CHECKS_MS,
  ) {}

  /** Whether notifications arrive at the moment. */
  get isConnected(): boolean {
    return this.session !== undefined;
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
    this.isOver = true;
    clearTimeout(this.retry);
    clearInterval(this.check);
    await this.connecting;
    const session = this.session;
    this.session = undefined;
    await session?.close().catch(() => undefined);
  }

  private connect(): void {
    if (this.isOver || this.connecting || this.session) return;
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
    const session = await openSession(this.directUrl);
    session.client.on('end', () => {
      this.lose(session);
    });
    session.client.on('notification', ({ channel, payload }) => {
      this.deliver(channel, payload ?? '');
    });
    try {
      for (const channel of this.handlers.keys()) await session.query(`listen ${escapeIdentifier(channel)}`);
    } catch (error) {
      await session.close().catch(() => undefined);
      throw error;
    }
    this.session = session;
    this.failures = 0;
    this.wantedSinceMs = undefined;
    this.check = setInterval(() => void this.probe(session), this.checksMs.every).unref();
    for (const channel of this.handlers.keys()) this.deliver(channel, '');
  }

  private async listen(session: OpenSession, channel: string): Promise<void> {
    // A session that breaks here is found lost, and the next one listens to every channel.
    await session.query(`listen ${escapeIdentifier(channel)}`).catch(() => undefined);
    this.deliver(channel, '');
  }

  private deliver(channel: string, payload: string): void {
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
  }

  private retryLater(error: unknown): void {
    if (this.isOver) return;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.failures, LONGEST_RETRY_MS);
    if (this.failures === 0) this.logger.warn(`No session for notifications: ${String(error)}`);
    this.failures += 1;
    this.retry = setTimeout(() => {
      this.connect();
    }, delayMs);
    this.retry.unref();
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from './api-types';

const PAGE = 200;
const TOO_MANY_REQUESTS = 429;

/** The service refused, in its own words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
}

/** One caller of the public HTTP API. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly stopped: AbortSignal,
  ) {}

  get<Answer>(path: string): Promise<Answer> {
    return this.send<Answer>('GET', path);
  }

  post<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.send<Answer>('POST', path, body);
  }

  /** Every item of a list, page by page. */
  async all<Item>(path: string): Promise<readonly Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const query = `${path.includes('?') ? '&' : '?'}limit=${PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`;
      const page: Page<Item> = await this.get<Page<Item>>(`${path}${query}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  }

  /** The answer, or undefined where the service says that there is none. @throws Refused */
  async find<Answer>(path: string): Promise<Answer | undefined> {
    try {
      return await this.get<Answer>(path);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined;
      throw error;
    }
  }

  /** @throws Refused */
  private async send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: this.stopped,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.status === TOO_MANY_REQUESTS) {
      await response.arrayBuffer();
      await delay(Number(response.headers.get('retry-after') ?? 1) * 1_000, undefined, { signal: this.stopped });
      return this.send<Answer>(method, path, body);
    }
    const answer: unknown = await response.json();
    if (response.ok) return answer as Answer;
    const { code = 'unknown', detail = response.statusText } = answer as Problem;
    throw new Refused(response.status, code, `${method} ${path}: ${String(response.status)} ${code}: ${detail}`);
  }
}

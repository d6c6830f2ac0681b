/** One POST that asked for a call, whatever became of it. */
export interface ReceivedPost {
  /** Counts up from 1 in the order of arrival. */
  readonly sequence: number;
  /** Milliseconds on a clock that never goes back. */
  readonly arrivedAtMs: number;
  readonly number: string | undefined;
  readonly attemptId: string | undefined;
  readonly phoneNumberId: string | undefined;
  readonly assistantId: string | undefined;
  readonly body: unknown;
  /** The call it created. */
  callId?: string;
  /** The status it was answered with; absent while it waits, and where no answer was given. */
  answeredStatus?: number;
}

/** One webhook, counted once however often it was tried. */
export interface SentWebhook {
  readonly callId: string;
  readonly type: string;
  readonly status: string | undefined;
  attempts: number;
  /** The receiver's last status; absent where none came. */
  lastStatus?: number;
  outcome: 'sending' | 'delivered' | 'given-up' | 'lost';
}

/** What the stand-in saw and did, for those who have to prove something. */
export class Records {
  posts: ReceivedPost[] = [];
  webhooks: SentWebhook[] = [];
  maxPostsInFlight = 0;
  maxLiveCalls = 0;
  liveCalls = 0;
  private postsInFlight = 0;
  private dialsByNumber = new Map<string, number>();
  private dialsByAttempt = new Map<string, number>();

  postArrived(post: Omit<ReceivedPost, 'sequence' | 'arrivedAtMs'>): ReceivedPost {
    const received = { ...post, sequence: this.posts.length + 1, arrivedAtMs: performance.now() };
    this.posts.push(received);
    this.postsInFlight += 1;
    this.maxPostsInFlight = Math.max(this.maxPostsInFlight, this.postsInFlight);
    return received;
  }

  postLeft(post: ReceivedPost, answeredStatus: number | undefined): void {
    if (answeredStatus !== undefined) post.answeredStatus = answeredStatus;
    this.postsInFlight -= 1;
  }

  callBegan(): void {
    this.liveCalls += 1;
    this.maxLiveCalls = Math.max(this.maxLiveCalls, this.liveCalls);
  }

  callEnded(): void {
    this.liveCalls -= 1;
  }

  restartMaxLiveCalls(): void {
    this.maxLiveCalls = this.liveCalls;
  }

  /** A call was created that rings at the recipient, now or in a moment. */
  dialed(number: string, attemptId: string | undefined): void {
    increment(this.dialsByNumber, number);
    if (attemptId !== undefined) increment(this.dialsByAttempt, attemptId);
  }

  dialsTo(number: string): number {
    return this.dialsByNumber.get(number) ?? 0;
  }

  dialsOf(attemptId: string): number {
    return this.dialsByAttempt.get(attemptId) ?? 0;
  }

  dials(): { readonly byNumber: Record<string, number>; readonly byAttempt: Record<string, number> } {
    return { byNumber: Object.fromEntries(this.dialsByNumber), byAttempt: Object.fromEntries(this.dialsByAttempt) };
  }

  clear(): void {
    this.posts = [];
    this.webhooks = [];
    this.dialsByNumber = new Map();
    this.dialsByAttempt = new Map();
    this.maxPostsInFlight = this.postsInFlight;
    this.maxLiveCalls = this.liveCalls = 0;
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

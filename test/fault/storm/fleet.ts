import { freePort } from '../../support/service';
import { waitFor } from '../../support/wait-for';
import { Instance } from '../instance';

/** How an instance is brought to its end. */
export type End = 'kill' | 'kill-at-point' | 'terminate' | 'terminate-twice';

const READY_MS = 90_000;

interface Place {
  instance: Instance | undefined;
  readonly port: number;
  isReady: boolean;
  /** Set while somebody is ending the instance: any other end is one that nobody ordered. */
  end: End | undefined;
}

/** Instances that are started again whenever they end, as by any supervisor. */
export class Fleet {
  private readonly places: Place[] = [];
  private isOver = false;
  private next = 0;
  readonly ends: Record<End, number> = { kill: 0, 'kill-at-point': 0, terminate: 0, 'terminate-twice': 0 };
  starts = 0;
  /** Instances that were ready, and ended although nobody ended them. */
  readonly ownEnds: string[] = [];

  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly journal: string,
    private readonly hear: (output: string) => void,
  ) {}

  async start(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const place: Place = { instance: undefined, port: await freePort(), isReady: false, end: undefined };
      this.places.push(place);
      this.launch(place);
    }
    await this.settle();
  }

  /** The port of one that is ready, in turns. */
  readonly port = (): number | undefined => {
    const ready = this.places.filter(({ isReady }) => isReady);
    this.next += 1;
    return ready[this.next % ready.length]?.port;
  };

  /** @param lot from 0 to 1: which instance, and for `kill-at-point` which of the points known so far */
  end(how: End, lot: number, points: readonly string[]): void {
    const candidates = this.places.filter(
      ({ instance, end }) => instance?.isRunning && (!end || end === 'kill-at-point'),
    );
    const place = candidates[Math.floor(lot * candidates.length)];
    if (!place?.instance) return;
    const { instance } = place;
    place.end = how;
    if (how === 'kill') instance.signal('SIGKILL');
    else if (how === 'kill-at-point') instance.stopAt(points[Math.floor(lot * 1_000_003) % points.length] ?? '');
    else this.terminate(place, instance, how === 'terminate-twice' ? 2 : 1);
  }

  /** Every instance runs and is ready, and none is about to stop at a point. */
  async settle(): Promise<void> {
    for (const place of this.places.filter(({ end }) => end === 'kill-at-point')) place.instance?.stopAt('');
    await waitFor(() => this.places.every(({ isReady }) => isReady), 'every instance is ready', READY_MS);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.places.map(async ({ instance }) => instance?.kill()));
  }

  /** A load balancer stops sending requests to whom it knows to end. */
  private terminate(place: Place, instance: Instance, times: 1 | 2): void {
    Object.assign(place, { isReady: false });
    for (let time = 0; time < times; time += 1) instance.signal('SIGTERM');
  }

  private launch(place: Place): void {
    const instance = Instance.launch({ ...this.environment, PORT: String(place.port) }, this.hear);
    this.starts += 1;
    Object.assign(place, { instance, isReady: false, end: undefined });
    instance.record(this.journal);
    void instance
      .untilReady(() => this.isOver)
      .then((isReady) => {
        if (place.instance === instance) place.isReady = isReady;
      });
    void instance.ended.then((status) => this.ended(place, status));
  }

  private ended(place: Place, status: string): void {
    if (place.end) this.ends[place.end] += 1;
    else if (place.isReady && !this.isOver) this.ownEnds.push(`an instance ended by itself: ${status}`);
    place.isReady = false;
    if (!this.isOver) this.launch(place);
  }
}

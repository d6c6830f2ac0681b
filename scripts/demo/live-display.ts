import type { Display } from './display';
import type { Progress } from './progress';
import { clock, fit, type Screen } from './screen';

const MAX_BAR = 40;
const MIN_BAR = 10;
const MS_PER_SECOND = 1_000;
/** Besides the slots: counters, bar, empty line, last news, and the line that the cursor is on. */
const OTHER_LINES = 6;

/** Redraws one block of lines: counters, a bar, and who is in which slot. */
export class LiveDisplay implements Display {
  private drawnLines = 0;
  private last: Progress | undefined;
  private lastNews = '';
  private readonly stopListening: () => void;

  /** @param speed how much faster than this machine's clock the calls pass */
  constructor(
    private readonly screen: Screen,
    private readonly speed: number,
  ) {
    screen.setCursor(false);
    this.stopListening = screen.onResize(() => this.redrawAll());
  }

  show(progress: Progress): void {
    this.last = progress;
    const ended = progress.news.filter(({ status }) => status !== 'in-progress').at(-1);
    if (ended) this.lastNews = `last: ${ended.person.name}, ${ended.text}`;
    const lines = this.linesOf(progress);
    this.screen.redraw(this.drawnLines, lines);
    this.drawnLines = lines.length;
  }

  finish(): void {
    this.stopListening();
    this.screen.setCursor(true);
  }

  private redrawAll(): void {
    this.screen.wipe();
    this.drawnLines = 0;
    if (this.last) this.show({ ...this.last, news: [] });
  }

  private linesOf(progress: Progress): readonly string[] {
    const width = this.screen.columns - 1;
    const visible = progress.slots.slice(0, Math.max(this.screen.rows - OTHER_LINES, 0));
    const head = [this.counters(progress, width), this.bar(progress, width)];
    if (progress.done === progress.total) return head;
    return [
      ...head,
      '',
      ...visible.map((talk, index) => this.slot(index + 1, talk, width)),
      this.screen.paint('dim', fit(`  ${this.lastNews}`, width)),
    ];
  }

  private counters({ queued, slots, done }: Progress, width: number): string {
    const inProgress = slots.filter((slot) => slot !== undefined).length;
    const parts = [`queued ${queued}`, `in progress ${inProgress} of ${slots.length}`, `done ${done}`];
    const text = `  ${parts.join('   ')}`;
    if (text.length > width) return fit(`  ${queued} · ${inProgress}/${slots.length} · ${done}`, width);
    const [waiting = '', talking = '', over = ''] = parts;
    const { screen } = this;
    return `  ${screen.paint('yellow', waiting)}   ${screen.paint('cyan', talking)}   ${screen.paint('green', over)}`;
  }

  private bar({ done, queued, total }: Progress, width: number): string {
    const label = ` ${done}/${total}`;
    const size = Math.min(MAX_BAR, width - label.length - 2);
    if (size < MIN_BAR) return fit(` ${label}`, width);
    const share = (part: number): number => (total === 0 ? 0 : Math.round((part / total) * size));
    const over = share(done);
    const talking = share(total - queued) - over;
    const { screen } = this;
    const rest = '░'.repeat(size - over - talking);
    return `  ${screen.paint('green', '█'.repeat(over))}${screen.paint('cyan', '▒'.repeat(talking))}${rest}${label}`;
  }

  private slot(position: number, talk: Progress['slots'][number], width: number): string {
    const place = `  ${String(position).padStart(2)}  `;
    if (!talk) return this.screen.paint('dim', fit(`${place}–`, width));
    const time = clock((talk.elapsedMs / MS_PER_SECOND) * this.speed);
    return fit(`${place}${time.padStart(4)}  ${talk.name.padEnd(20)}  ${talk.number}`, width);
  }
}

const ESCAPE = '\u001b[';
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export type Style = keyof typeof CODES;

/** Where the demo writes: how wide it is, and whether it may move about and use colors. */
export class Screen {
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** A terminal that can redraw lines; a pipe, a file or a simple terminal gets one line after the other. */
  get isLive(): boolean {
    return this.stream.isTTY && this.environment['TERM'] !== 'dumb' && !this.environment['CI'];
  }

  get columns(): number {
    return this.stream.isTTY ? this.stream.columns || DEFAULT_COLUMNS : DEFAULT_COLUMNS;
  }

  get rows(): number {
    return this.stream.rows || DEFAULT_ROWS;
  }

  paint(style: Style, text: string): string {
    const isColored = this.isLive && !this.environment['NO_COLOR'];
    return isColored ? `${ESCAPE}${CODES[style]}m${text}${ESCAPE}0m` : text;
  }

  line(text = ''): void {
    this.stream.write(`${text}\n`);
  }

  /** A text that belongs together, with its title. */
  section(title: string): void {
    this.line();
    this.line(this.paint('bold', title));
  }

  /** Writes over the last `count` lines. */
  redraw(count: number, lines: readonly string[]): void {
    const up = count > 0 ? `${ESCAPE}${count}F` : '';
    this.stream.write(`${up}${lines.map((line) => `${line}${ESCAPE}K\n`).join('')}${ESCAPE}J`);
  }

  /** After the terminal changed its width, lines are no longer where they were. */
  wipe(): void {
    this.stream.write(`${ESCAPE}H${ESCAPE}2J`);
  }

  setCursor(isVisible: boolean): void {
    if (this.isLive) this.stream.write(`${ESCAPE}?25${isVisible ? 'h' : 'l'}`);
  }

  onResize(listener: () => void): () => void {
    this.stream.on('resize', listener);
    return () => this.stream.off('resize', listener);
  }
}

/** At most so many characters. */
export function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}

/** Minutes and seconds. */
export function clock(totalSeconds: number): string {
  const seconds = Math.round(totalSeconds);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

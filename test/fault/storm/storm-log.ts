const MOST_KINDS = 40;
const DATA = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\d+/g;
/** Lines that nothing in a storm excuses: bugs, and second calls. */
const ALARMS = /second call|called twice|the driver threw|not in the database|Unhandled|uncaught|ERR_/;

/** What the instances say at `warn` and above, counted by kind; the run's own search keeps the words. */
export class StormLog {
  private readonly kinds = new Map<string, number>();
  readonly alarms: string[] = [];
  private rest = '';

  hear(output: string): void {
    const lines = (this.rest + output).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.take(line);
  }

  /** The most frequent kinds of lines first. */
  summary(): readonly string[] {
    const sorted = [...this.kinds].sort(([, a], [, b]) => b - a);
    return sorted.slice(0, MOST_KINDS).map(([kind, times]) => `${times} x ${kind}`);
  }

  private take(line: string): void {
    if (ALARMS.test(line)) this.alarms.push(line);
    const { level = '', message = '' } = parse(line);
    if (level !== 'error' && level !== 'warn' && level !== 'fatal') return;
    const kind = `${level} ${message.split('\n')[0]?.replaceAll(DATA, '…').slice(0, 120) ?? ''}`;
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
  }
}

function parse(line: string): { readonly level?: string; readonly message?: string } {
  try {
    const { level, message } = JSON.parse(line) as { level?: unknown; message?: unknown };
    return { level: String(level), message: String(message) };
  } catch {
    return { level: 'fatal', message: line };
  }
}

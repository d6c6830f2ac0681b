import type { Display } from './display';
import type { Progress } from './progress';
import type { Screen } from './screen';

/** One line for each thing that happens, for pipes, files and logs. */
export class PlainDisplay implements Display {
  constructor(private readonly screen: Screen) {}

  show({ news, queued, slots, total, done }: Progress): void {
    const time = new Date().toISOString().slice(11, 19);
    const inProgress = slots.filter((slot) => slot !== undefined).length;
    const counts = `queued ${queued}, in progress ${inProgress} of ${slots.length}, done ${done} of ${total}`;
    for (const { person, text } of news) {
      this.screen.line(`${time}  ${text.padEnd(17)}  ${person.number}  ${person.name.padEnd(18)}  (${counts})`);
    }
  }

  finish(): void {
    return;
  }
}

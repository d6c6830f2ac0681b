/** How everything that was started is stopped: the last one first, and each of them whatever happens to another. */
export class Cleanups {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.unshift(step);
  }

  /** Notes how to stop what is only starting: it is stopped as well when something beside it fails meanwhile. */
  start<T>(starting: Promise<T>, stop: (started: T) => unknown): Promise<T> {
    this.add(() => starting.then(stop, () => undefined));
    return starting;
  }

  /** @throws an Error that names every step that failed, after all of them */
  async run(): Promise<void> {
    const problems: unknown[] = [];
    for (const step of this.steps.splice(0)) {
      try {
        await step();
      } catch (error) {
        problems.push(error);
      }
    }
    if (problems.length > 0)
      throw new AggregateError(problems, `Not everything is stopped: ${problems.map(String).join('; ')}`);
  }
}

/** Waits until the work is over, however it ends, but no longer than that. What is then unfinished goes on alone. */
export async function atMost(milliseconds: number, work: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
    timer.unref();
  });
  await Promise.race([work?.catch(() => undefined), patience]).finally(() => {
    clearTimeout(timer);
  });
}

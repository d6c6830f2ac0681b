/**
 * Waits for the work, but no longer than that. What is then unfinished goes on alone. The wait itself keeps no process
 * alive.
 * @returns what the work resolves to; undefined when it takes longer
 * @throws whatever the work rejects with in time
 */
export async function atMost<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, milliseconds);
    timer.unref();
  });
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** The longest a timer can wait. */
const longestDelay = 2 ** 31 - 1;

/** Waits for work, but not for ever; returns whether it ended in time, and throws what it throws by then. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const timeUp = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeUp.resolve(false), Math.min(milliseconds, longestDelay));
  try {
    return await Promise.race([work.then(() => true), timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}

import { longestDelay } from './longest-delay.ts';

/** Waits for work, but not for ever; returns whether it ended in time, and throws what it throws by then. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const timeUp = Promise.withResolvers<boolean>();
  const delay = Math.min(Math.max(milliseconds, 0), longestDelay);
  const timer = setTimeout(() => timeUp.resolve(false), delay);
  try {
    return await Promise.race([work.then(() => true), timeUp.promise]);
  } finally {
    clearTimeout(timer);
  }
}

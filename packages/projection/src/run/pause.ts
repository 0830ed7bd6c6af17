import { setTimeout as delay } from 'node:timers/promises';

/** Timers take no more milliseconds; a longer one would fire at once. */
const longestTimer = 2_147_483_647;

/** Waits so many milliseconds, or until the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    for (let left = milliseconds; left > 0; left -= longestTimer)
      await delay(Math.min(left, longestTimer), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

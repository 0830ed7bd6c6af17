import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../within.ts';
import { isConnected, type OpenStore } from './open-store.ts';

/** Milliseconds without a handler under way until the server is asked whether it is there, and for its answer. */
const patience = 1_000;

/**
 * Fulfilled when no handler is under way here and the server is not there, or does not answer: nothing else is worth it.
 * While it answers there may be handlers under way in other processes, whose events only this one can acknowledge.
 */
export async function untilUnreachable(
  store: OpenStore,
  running: () => number,
  decided: AbortSignal,
): Promise<void> {
  let idleSince: number | undefined;
  while (!decided.aborted) {
    const now = performance.now();
    idleSince = running() > 0 ? undefined : (idleSince ?? now);
    if (idleSince !== undefined) {
      if (!isConnected(store)) return;
      if (now - idleSince > patience) {
        if (!(await answers(store))) return;
        idleSince = undefined;
      }
    }
    await delay(20);
  }
}

async function answers({ connection }: OpenStore): Promise<boolean> {
  try {
    return await within(patience, connection.flush());
  } catch {
    // Closed meanwhile, which is as little of an answer.
    return false;
  }
}

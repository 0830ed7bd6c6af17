import { setTimeout as delay } from 'node:timers/promises';
import { isConnected, type OpenStore } from './open-store.ts';

/** Milliseconds for the server to take leave of a member without handlers under way. */
const farewell = 2_000;

/** Fulfilled when no handler is under way and the server is not there, or does not answer: nothing else is worth it. */
export async function untilUnreachable(
  store: OpenStore,
  running: () => number,
  decided: AbortSignal,
): Promise<void> {
  let idleSince: number | undefined;
  while (!decided.aborted) {
    const now = performance.now();
    idleSince = running() > 0 ? undefined : (idleSince ?? now);
    if (idleSince !== undefined && (!isConnected(store) || now - idleSince > farewell)) return;
    await delay(20);
  }
}

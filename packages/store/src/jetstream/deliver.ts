import { setTimeout as delay } from 'node:timers/promises';
import { ReadFailedError } from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import type { Delivered } from './delivered.ts';
import type { Link } from './link.ts';
import { openPullConsumer, type PullConsumer } from './pull-consumer.ts';
import { isStreamNotFound } from './stream-not-found.ts';

const reopenPause = 100;

export interface Delivery {
  readonly filters: readonly string[];
  readonly fromPosition: number;
  readonly fromTime: Date | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds without a working consumer after which it is given up. */
  readonly patience: number;
}

/**
 * The messages of a stream in order, from its leader, in batches of what has arrived, until the signal aborts. The
 * consumers live in the server's memory and are gone when it restarts: then another one goes on behind the last message.
 * So it does when the connection was lost, where heartbeats would be missed first.
 */
export async function* deliver(
  { api, link }: { readonly api: JetStreamApi; readonly link: Link },
  stream: string,
  delivery: Delivery,
): AsyncGenerator<readonly Delivered[]> {
  const { signal, patience, fromTime } = delivery;
  let next = delivery.fromPosition;
  let started = false;
  let failingSince: number | undefined;
  let opened: PullConsumer | undefined;
  const stop = () => opened?.stop();
  const unwatch = link.onLost(stop);
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (!signal.aborted) {
      try {
        const from = started || fromTime === undefined ? next : fromTime;
        opened = await openPullConsumer(api, stream, delivery.filters, from);
        failingSince = undefined;
        while (!signal.aborted) {
          const arrived = await opened.take();
          if (arrived === undefined) break;
          // A consumer that begins at a time knows nothing of the position to begin at.
          const batch = arrived.filter(({ sequence }) => sequence >= next);
          const last = batch.at(-1);
          if (last === undefined) continue;
          next = last.sequence + 1;
          started = true;
          yield batch;
        }
        if (!signal.aborted && api.connection.isClosed()) throw closedConnection(api);
        if (!link.up) await restored(Math.min(patience, 60_000));
      } catch (cause) {
        failingSince ??= Date.now();
        const final =
          api.connection.isClosed() || isStreamNotFound(cause) || Date.now() - failingSince > patience;
        if (final) throw new ReadFailedError(stream, `read on from position ${next}`, cause);
        if (link.up) await delay(reopenPause, undefined, { signal }).catch(rethrowUnlessAborted);
        else await restored(Math.min(patience, 60_000));
      } finally {
        stop();
        opened = undefined;
      }
    }
  } finally {
    unwatch();
    signal.removeEventListener('abort', stop);
  }

  async function restored(longest: number): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    signal.addEventListener('abort', wake, { once: true });
    await Promise.race([promise, link.restored(Date.now() + longest)]);
    signal.removeEventListener('abort', wake);
  }
}

function rethrowUnlessAborted(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

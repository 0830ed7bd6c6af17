import { setTimeout as delay } from 'node:timers/promises';
import { ReadFailedError } from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import type { Delivered } from './delivered.ts';
import type { Link } from './link.ts';
import { openPullConsumer, type PullConsumer } from './pull-consumer.ts';
import { isStreamNotFound } from './stream-not-found.ts';

const reopenPause = 100;
/** Milliseconds without a message after which it is asked whether there should be one. */
const idle = 500;
const longestIdle = 5_000;

export interface Delivery {
  readonly filters: readonly string[];
  readonly fromPosition: number;
  readonly fromTime: Date | undefined;
  /** Begins with the last message of each subject; a consumer that goes on for another begins so too. */
  readonly lastPerSubject?: 'whole' | 'headers';
  readonly signal: AbortSignal;
  /** Milliseconds without a working consumer after which it is given up. */
  readonly patience: number;
  /**
   * Asked when no message has come for a while, with the position that is awaited: whether to wait on, to go on with
   * another consumer, because there is something to deliver that this one does not deliver, or to end.
   */
  readonly whenIdle: (position: number) => Promise<Verdict>;
}

type Verdict = 'wait' | 'reopen' | 'end';

/**
 * The messages of a stream in order, from a replica of the server's choice, in batches of what has arrived, until the
 * signal aborts; an empty batch where nothing comes and it was said to wait. The consumers live in the server's memory
 * and are gone when it restarts: then another one goes on behind the last message. So it does when the connection was
 * lost, where heartbeats would be missed first.
 */
export async function* deliver(
  { api, link }: { readonly api: JetStreamApi; readonly link: Link },
  stream: string,
  delivery: Delivery,
): AsyncGenerator<readonly Delivered[]> {
  const { signal, patience, fromTime, lastPerSubject } = delivery;
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
        const start = lastPerSubject === undefined ? from : { lastPerSubject };
        opened = await openPullConsumer(api, stream, delivery.filters, start);
        failingSince = undefined;
        let pause = idle;
        while (!signal.aborted) {
          // A consumer may sit on a replica that is behind, and not hear of what that has caught up with.
          const asking = askAfter(pause, () => delivery.whenIdle(next));
          const arrived = await opened.take(asking.verdict).finally(asking.end);
          if (arrived === undefined) break;
          if (arrived.length === 0) {
            const verdict = await asking.verdict;
            if (verdict === 'end') return;
            if (verdict === 'reopen') break;
            pause = Math.min(2 * pause, longestIdle);
            if (verdict === 'wait') yield [];
            continue;
          }
          pause = idle;
          const batch = fromBeginning(arrived);
          next = Math.max(next, (arrived.at(-1)?.sequence ?? 0) + 1);
          if (batch.length === 0) continue;
          started = true;
          yield batch;
        }
        if (!signal.aborted && api.connection.isClosed()) throw closedConnection(api);
        if (!link.up) await restored(Math.min(patience, 60_000));
      } catch (cause) {
        failingSince ??= Date.now();
        const final =
          api.connection.isClosed() || isStreamNotFound(cause) || Date.now() - failingSince > patience;
        if (final)
          throw new ReadFailedError(stream, `read on from position ${next}`, cause, isStreamNotFound(cause));
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

  /**
   * A consumer that begins at a time knows nothing of the position to begin at; nor, where that time is to come, does
   * the server wait for it.
   */
  function fromBeginning(arrived: readonly Delivered[]): readonly Delivered[] {
    const isTooEarly = (message: Delivered) => !started && fromTime !== undefined && message.time < fromTime;
    const first = arrived.findIndex((message) => message.sequence >= next && !isTooEarly(message));
    return first === -1 ? [] : arrived.slice(first);
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

/** Asks after a while, unless that has ended before. There is no verdict where there was no answer: then others notice. */
function askAfter(pause: number, ask: () => Promise<Verdict>) {
  const { promise: verdict, resolve } = Promise.withResolvers<Verdict | undefined>();
  const timer = setTimeout(() => ask().then(resolve, () => resolve(undefined)), pause);
  return { verdict, end: () => clearTimeout(timer) };
}

function rethrowUnlessAborted(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

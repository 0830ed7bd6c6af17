import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import { ReadFailedError } from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import type { Link } from './link.ts';

/** Messages asked for ahead of the reader. */
export const prefetch = 2048;
const reopenPause = 100;
/** Milliseconds without a message after which it is asked whether there should be one. */
const idle = 500;
const longestIdle = 5_000;
const streamNotFound = 10059;

export interface Delivery {
  readonly filters: readonly string[];
  readonly fromPosition: number;
  readonly fromTime: Date | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds without a working consumer after which it is given up. */
  readonly patience: number;
  /**
   * Asked when no message has come for a while, with the position that is awaited: whether to wait on, to go on with
   * another consumer, because there is something to deliver that this one does not deliver, or to end.
   */
  readonly whenIdle: (position: number) => Promise<'wait' | 'reopen' | 'end'>;
}

/**
 * The messages of a stream in order, from a replica of the server's choice, until the signal aborts. Ordered consumers live in the server's
 * memory and are gone when it restarts: then another one goes on behind the last message. So it does when the connection
 * was lost, where the client would wait for heartbeats that are missing.
 */
export async function* deliver(
  { api, link }: { readonly api: JetStreamApi; readonly link: Link },
  stream: string,
  delivery: Delivery,
): AsyncGenerator<JsMsg> {
  const { signal, patience, fromTime } = delivery;
  let next = delivery.fromPosition;
  let started = false;
  let failingSince: number | undefined;
  let opened: Awaited<ReturnType<typeof openConsumer>> | undefined;
  let watchdog: ReturnType<typeof watchIdleness> | undefined;
  let over = false;
  const stop = () => opened?.messages.stop();
  const unwatch = link.onLost(stop);
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (!signal.aborted) {
      try {
        opened = await openConsumer(
          api,
          stream,
          delivery,
          started || fromTime === undefined ? next : fromTime,
        );
        failingSince = undefined;
        watchdog = watchIdleness(opened.messages);
        for await (const message of signal.aborted ? [] : opened.messages) {
          watchdog.alive();
          // A consumer that begins at a time knows nothing of the position to begin at.
          if (message.seq < next) continue;
          // Nor, where that time is to come, does the server wait for it.
          if (fromTime !== undefined && !started && message.time < fromTime) continue;
          next = message.seq + 1;
          started = true;
          yield message;
        }
        if (over) return;
        if (!signal.aborted && api.connection.isClosed()) throw closedConnection(api);
        if (!link.up) await restored(Math.min(patience, 60_000));
      } catch (cause) {
        failingSince ??= Date.now();
        const final =
          api.connection.isClosed() || isStreamGone(cause) || Date.now() - failingSince > patience;
        if (final) throw new ReadFailedError(stream, `read on from position ${next}`, cause);
        if (link.up) await delay(reopenPause, undefined, { signal }).catch(rethrowUnlessAborted);
        else await restored(Math.min(patience, 60_000));
      } finally {
        watchdog?.end();
        stop();
        // Best effort: the server itself drops a consumer that nobody uses, after a while.
        opened?.consumer.delete().catch(leaveItToTheServer);
        opened = undefined;
      }
    }
  } finally {
    unwatch();
    signal.removeEventListener('abort', stop);
  }

  /** A consumer may sit on a replica that is behind, and not hear of what that has caught up with. */
  function watchIdleness(messages: { stop(): void }) {
    let pause = idle;
    let ended = false;
    const timer = setTimeout(() => void look(), pause);
    const look = async () => {
      const position = next;
      // A server that does not answer is another's business.
      const verdict = await delivery.whenIdle(position).catch((): 'wait' => 'wait');
      if (ended) return;
      if (position === next && verdict !== 'wait') {
        over = verdict === 'end';
        messages.stop();
        return;
      }
      pause = Math.min(2 * pause, longestIdle);
      again = setTimeout(() => void look(), pause);
    };
    let again: NodeJS.Timeout | undefined;
    return {
      alive() {
        pause = idle;
        if (again === undefined) timer.refresh();
      },
      end() {
        ended = true;
        clearTimeout(timer);
        clearTimeout(again);
      },
    };
  }

  async function restored(longest: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    signal.addEventListener('abort', wake, { once: true });
    await Promise.race([promise, link.restored(Date.now() + longest)]);
    signal.removeEventListener('abort', wake);
  }
}

async function openConsumer(api: JetStreamApi, stream: string, { filters }: Delivery, from: number | Date) {
  const start =
    typeof from === 'number'
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from }
      : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.toISOString() };
  const consumer = await api.client.consumers.get(stream, { filter_subjects: [...filters], ...start });
  // With the client's defaults a consumer that is gone is noticed after most of a minute.
  const options = {
    max_messages: prefetch,
    expires: 5_000,
    idle_heartbeat: 500,
    abort_on_missing_resource: true,
  };
  return { consumer, messages: await consumer.consume(options) };
}

function isStreamGone(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === streamNotFound;
}

function leaveItToTheServer(reason: unknown): unknown {
  return reason;
}

function rethrowUnlessAborted(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

import { type ConsumerMessages, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import type { StoredMessage, SubjectLayout } from '@pipit/types-registry';
import type { StoredBatch } from '../event-log.ts';
import { ReadFailedError } from '../store-errors.ts';
import type { JetStreamApi } from './api.ts';
import { toStoredMessage } from './to-stored-message.ts';

/** Messages asked for ahead of the reader, and the most that one batch holds. */
const prefetch = 512;

/**
 * The messages of a stream in order, from its leader. It goes on across reconnects and restarts of the server, and ends
 * when `stop` is called.
 */
async function deliver(
  api: JetStreamApi,
  stream: string,
  filters: readonly string[],
  fromPosition: number,
): Promise<ConsumerMessages> {
  try {
    const consumer = await api.client.consumers.get(stream, {
      filter_subjects: [...filters],
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: fromPosition,
    });
    // With the client's defaults an ordered consumer stalls for most of a minute when its server restarts.
    return await consumer.consume({
      max_messages: prefetch,
      expires: 5_000,
      idle_heartbeat: 500,
      abort_on_missing_resource: true,
    });
  } catch (cause) {
    throw new ReadFailedError(stream, `open a reader at position ${fromPosition}`, cause);
  }
}

/** The messages from one position to another, both inclusive. A message must stand at `toPosition`. */
export async function* readRange(
  api: JetStreamApi,
  stream: string,
  layout: SubjectLayout,
  range: { readonly filters: readonly string[]; readonly fromPosition: number; readonly toPosition: number },
): AsyncGenerator<StoredMessage> {
  const messages = await deliver(api, stream, range.filters, range.fromPosition);
  try {
    for await (const message of messages) {
      yield toStored(stream, layout, message);
      if (message.seq >= range.toPosition) return;
    }
  } catch (cause) {
    throw new ReadFailedError(stream, 'go on reading', cause);
  } finally {
    messages.stop();
  }
  throw new ReadFailedError(stream, 'go on reading', new Error('the connection was closed'));
}

/**
 * Everything from a position on, in batches of what has arrived, until the signal aborts. Messages that arrive while
 * the caller works on a batch make up the next one; at most `prefetch` wait, then the server does.
 */
export async function* followFrom(
  api: JetStreamApi,
  stream: string,
  layout: SubjectLayout,
  options: {
    readonly filter: string;
    readonly fromPosition: number;
    readonly head: number;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<StoredBatch> {
  const { signal, head, fromPosition } = options;
  if (signal.aborted) return;
  const messages = await deliver(api, stream, [options.filter], fromPosition);
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });

  let waiting: JsMsg[] = [];
  let failure: unknown;
  let ended = false;
  let changed = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  const collect = async () => {
    try {
      for await (const message of messages) {
        waiting.push(message);
        changed.resolve();
        if (waiting.length >= prefetch) await taken.promise;
      }
    } catch (error) {
      failure = error;
    } finally {
      ended = true;
      changed.resolve();
    }
  };
  const collected = collect();

  try {
    if (head < fromPosition) yield { messages: [], position: head, caughtUp: true };
    while (!signal.aborted) {
      if (waiting.length === 0 && !ended) await changed.promise;
      changed = Promise.withResolvers();
      const batch = waiting;
      waiting = [];
      taken.resolve();
      taken = Promise.withResolvers();
      const last = batch.at(-1);
      if (last !== undefined) {
        const stored = batch.map((message) => toStored(stream, layout, message));
        yield { messages: stored, position: last.seq, caughtUp: last.info.pending === 0 };
      } else if (ended) break;
    }
    if (!signal.aborted) {
      throw new ReadFailedError(stream, 'go on following', failure ?? new Error('the connection was closed'));
    }
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
    taken.resolve();
    await collected;
  }
}

function toStored(stream: string, layout: SubjectLayout, message: JsMsg): StoredMessage {
  return toStoredMessage(stream, layout, {
    subject: message.subject,
    sequence: message.seq,
    storedAt: message.time,
    headers: message.headers,
    body: message.data,
  });
}

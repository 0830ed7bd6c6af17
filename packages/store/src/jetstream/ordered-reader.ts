import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, JetStreamApiError, type JsMsg } from '@nats-io/jetstream';
import type { StoredMessage, SubjectLayout } from '@pipit/types-registry';
import type { StoredBatch } from '../event-log.ts';
import { ReadFailedError } from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import { toStoredMessage } from './to-stored-message.ts';

/** Messages asked for ahead of the reader, and the most that one batch holds. */
const prefetch = 512;
const reopenPause = 100;
const readPatience = 10_000;
const streamNotFound = 10059;

interface Delivery {
  readonly filters: readonly string[];
  readonly fromPosition: number;
  readonly signal: AbortSignal;
  /** Milliseconds without a working consumer after which it is given up. */
  readonly patience: number;
}

/**
 * The messages of a stream in order, from its leader, until the signal aborts. Ordered consumers live in the server's
 * memory and are gone when it restarts: then another one goes on behind the last message.
 */
async function* deliver(api: JetStreamApi, stream: string, delivery: Delivery): AsyncGenerator<JsMsg> {
  const { signal, patience, filters } = delivery;
  let next = delivery.fromPosition;
  let failingSince: number | undefined;
  while (!signal.aborted) {
    let opened: Awaited<ReturnType<typeof openConsumer>> | undefined;
    const stop = () => opened?.messages.stop();
    try {
      opened = await openConsumer(api, stream, filters, next);
      failingSince = undefined;
      signal.addEventListener('abort', stop, { once: true });
      for await (const message of signal.aborted ? [] : opened.messages) {
        next = message.seq + 1;
        yield message;
      }
      if (!signal.aborted && api.connection.isClosed()) throw closedConnection(api);
    } catch (cause) {
      failingSince ??= Date.now();
      const final = api.connection.isClosed() || isStreamGone(cause) || Date.now() - failingSince > patience;
      if (final) throw new ReadFailedError(stream, `read on from position ${next}`, cause);
      await delay(reopenPause, undefined, { signal }).catch(rethrowUnlessAborted);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      // Best effort: the server itself drops a consumer that nobody uses, after a while.
      opened?.consumer.delete().catch(leaveItToTheServer);
    }
  }
}

async function openConsumer(
  api: JetStreamApi,
  stream: string,
  filters: readonly string[],
  fromPosition: number,
) {
  const consumer = await api.client.consumers.get(stream, {
    filter_subjects: [...filters],
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: fromPosition,
  });
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

/** The messages from one position to another, both inclusive. A message must stand at `toPosition`. */
export async function* readRange(
  api: JetStreamApi,
  stream: string,
  layout: SubjectLayout,
  range: { readonly filters: readonly string[]; readonly fromPosition: number; readonly toPosition: number },
): AsyncGenerator<StoredMessage> {
  const { filters, fromPosition, toPosition } = range;
  const { signal } = new AbortController();
  for await (const message of deliver(api, stream, {
    filters,
    fromPosition,
    signal,
    patience: readPatience,
  })) {
    yield toStored(stream, layout, message);
    // What stood at the end may have expired meanwhile.
    if (message.seq >= toPosition || message.info.pending === 0) return;
  }
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
    /** What the subjects of wanted messages begin with; all are wanted where there are none. */
    readonly prefixes: readonly string[] | undefined;
    readonly fromPosition: number;
    readonly head: number;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<StoredBatch> {
  const { signal, head, fromPosition, prefixes } = options;
  const isWanted = ({ subject }: JsMsg) => prefixes?.some((prefix) => subject.startsWith(prefix)) ?? true;
  const stopped = new AbortController();
  const ending = AbortSignal.any([signal, stopped.signal]);
  const delivery = {
    filters: [options.filter],
    fromPosition,
    signal: ending,
    patience: Number.POSITIVE_INFINITY,
  };

  let waiting: JsMsg[] = [];
  let failure: unknown;
  let ended = false;
  let changed = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  const collect = async () => {
    try {
      for await (const message of deliver(api, stream, delivery)) {
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
        const stored = batch.filter(isWanted).map((message) => toStored(stream, layout, message));
        yield { messages: stored, position: last.seq, caughtUp: last.info.pending === 0 };
      } else if (ended) break;
    }
    if (failure !== undefined && !signal.aborted) throw failure;
  } finally {
    stopped.abort();
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

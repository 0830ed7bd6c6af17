import type { JsMsg } from '@nats-io/jetstream';
import type { StoredMessage, SubjectLayout } from '@pipit/types-registry';
import type { StoredBatch } from '../event-log.ts';
import type { JetStreamApi } from './api.ts';
import { type Delivery, deliver, prefetch } from './deliver.ts';
import type { Link } from './link.ts';
import { headersOf } from './raw-headers.ts';
import { toStoredMessage } from './to-stored-message.ts';

const readPatience = 10_000;

export interface OrderedReader {
  readonly api: JetStreamApi;
  readonly link: Link;
  readonly stream: string;
  readonly layout: SubjectLayout;
  /** Whether the stream's leader has a message of these filters from one position to another, both inclusive. */
  holds(filters: readonly string[], from: number, to: number): Promise<boolean>;
}

export interface Range {
  readonly filters: readonly string[];
  readonly fromPosition: number;
  readonly fromTime: Date | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * The messages from one position to another, both inclusive, in batches. A message must have stood at `toPosition`.
 *
 * @throws ReadFailedError; the signal's reason once it aborts
 */
export async function* readRange(
  reader: OrderedReader,
  { toPosition, signal, ...range }: Range & { readonly toPosition: number },
): AsyncGenerator<readonly StoredMessage[]> {
  const ended = new AbortController();
  const ending = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const isLeft = (from: number) => reader.holds(range.filters, from, toPosition);
  // What stood at the end may have expired meanwhile.
  const whenIdle = async (position: number) => ((await isLeft(position)) ? 'reopen' : 'end');
  for await (const batch of arrivals(reader, {
    ...range,
    signal: ending,
    patience: readPatience,
    whenIdle,
  })) {
    yield batch.filter(({ seq }) => seq <= toPosition).map((message) => toStored(reader, message));
    const last = batch.at(-1) as JsMsg;
    if (last.seq >= toPosition) return;
    if (last.info.pending === 0 && !(await isLeft(last.seq + 1))) return;
  }
  signal?.throwIfAborted();
}

/**
 * Everything from a position on, in batches of what has arrived, until the signal aborts. Messages that arrive while
 * the caller works on a batch make up the next one; at most `prefetch` wait, then the server does.
 */
export async function* followFrom(
  reader: OrderedReader,
  options: Omit<Range, 'signal'> & {
    /** What the subjects of wanted messages begin with; all are wanted where there are none. */
    readonly prefixes: readonly string[] | undefined;
    readonly head: number;
    /** Whether nothing that is there already is asked for. */
    readonly nothingYet: boolean;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<StoredBatch> {
  const { head, nothingYet, prefixes, ...range } = options;
  const isWanted = ({ subject }: JsMsg) => prefixes?.some((prefix) => subject.startsWith(prefix)) ?? true;
  const isLeft = (from: number, to: number) => reader.holds(range.filters, from, to);
  const whenIdle = async (position: number) =>
    (await isLeft(position, Number.POSITIVE_INFINITY)) ? 'reopen' : 'wait';
  if (nothingYet) yield { messages: [], position: head, caughtUp: true };
  let saidAtEnd = nothingYet;
  let position = head;
  for await (const batch of arrivals(reader, { ...range, patience: Number.POSITIVE_INFINITY, whenIdle })) {
    const last = batch.at(-1);
    if (last === undefined) {
      // Nothing more is there, whatever the last message said of what is behind it.
      if (!saidAtEnd) yield { messages: [], position, caughtUp: true };
      saidAtEnd = true;
      continue;
    }
    const stored = batch.filter(isWanted).map((message) => toStored(reader, message));
    const isLast = last.info.pending === 0;
    // The consumer may sit on a replica that is behind what stood at the end when this began.
    const caughtUp = isLast && (last.seq >= head || !(await isLeft(last.seq + 1, head)));
    saidAtEnd = caughtUp;
    position = last.seq;
    yield { messages: stored, position, caughtUp };
  }
}

/** What has arrived since the caller last asked; never more than `prefetch`. Nothing where there has been nothing for a while. */
async function* arrivals(
  reader: OrderedReader,
  delivery: Range & Pick<Delivery, 'signal' | 'patience' | 'whenIdle'>,
): AsyncGenerator<readonly JsMsg[]> {
  const stopped = new AbortController();
  const signal = AbortSignal.any([delivery.signal, stopped.signal]);
  let waiting: JsMsg[] = [];
  let failure: unknown;
  let ended = false;
  let changed = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  let isIdle = false;
  const whenIdle: Delivery['whenIdle'] = async (position) => {
    const verdict = await delivery.whenIdle(position);
    isIdle = verdict === 'wait';
    if (isIdle) changed.resolve();
    return verdict;
  };
  const collect = async () => {
    try {
      for await (const message of deliver(reader, reader.stream, { ...delivery, signal, whenIdle })) {
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
    while (!signal.aborted) {
      if (waiting.length === 0 && !ended) await changed.promise;
      changed = Promise.withResolvers();
      const batch = waiting;
      const wasIdle = isIdle;
      isIdle = false;
      waiting = [];
      taken.resolve();
      taken = Promise.withResolvers();
      if (batch.length > 0 || wasIdle) yield batch;
      else if (ended) break;
    }
    if (failure !== undefined && !signal.aborted) throw failure;
  } finally {
    stopped.abort();
    taken.resolve();
    await collected;
  }
}

function toStored({ stream, layout }: OrderedReader, message: JsMsg): StoredMessage {
  return toStoredMessage(stream, layout, {
    subject: message.subject,
    sequence: message.seq,
    storedAt: message,
    headers: headersOf(message),
    body: message.data,
  });
}

import type { StoredMessage, SubjectLayout } from '@pipit/types-registry';
import type { StoredBatch } from '../event-log.ts';
import type { JetStreamApi } from './api.ts';
import { type Delivery, deliver } from './deliver.ts';
import type { Delivered } from './delivered.ts';
import type { Link } from './link.ts';
import { toStoredMessage } from './to-stored-message.ts';

export const readPatience = 10_000;

export interface OrderedReader {
  readonly api: JetStreamApi;
  readonly link: Link;
  readonly stream: string;
  readonly layout: SubjectLayout;
  /**
   * Whether the stream's leader has a message of these filters from one position to another, both inclusive.
   *
   * @throws ReadFailedError, ConnectionError; the signal's reason once it aborts
   */
  holds(filters: readonly string[], from: number, to: number, signal?: AbortSignal): Promise<boolean>;
}

export interface Range {
  readonly filters: readonly string[];
  /** What the subjects of wanted messages begin with; all are wanted where there are none. */
  readonly prefixes?: readonly string[] | undefined;
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
  { toPosition, signal, prefixes, ...range }: Range & { readonly toPosition: number },
): AsyncGenerator<readonly StoredMessage[]> {
  const isLeft = (from: number) => reader.holds(range.filters, from, toPosition, signal);
  const delivery: Delivery = {
    ...range,
    signal: signal ?? new AbortController().signal,
    patience: readPatience,
    // What stood at the end may have expired meanwhile.
    whenIdle: async (position) => ((await isLeft(position)) ? 'reopen' : 'end'),
  };
  for await (const batch of deliver(reader, reader.stream, delivery)) {
    const asked = batch.filter((message) => message.sequence <= toPosition && isWanted(message, prefixes));
    yield asked.map((message) => toStored(reader, message));
    const last = batch.at(-1);
    if (last === undefined) continue;
    if (last.sequence >= toPosition) return;
    if (last.pending === 0 && !(await isLeft(last.sequence + 1))) return;
  }
  signal?.throwIfAborted();
}

/**
 * Everything from a position on, in batches of what has arrived, until the signal aborts. Messages that arrive while
 * the caller works on a batch make up the next one; where too many wait, the server does.
 */
export async function* followFrom(
  reader: OrderedReader,
  options: Omit<Range, 'signal'> & {
    readonly head: number;
    /** Whether nothing that is there already is asked for. */
    readonly nothingYet: boolean;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<StoredBatch> {
  const { head, nothingYet, prefixes, ...range } = options;
  const isLeft = (from: number, to: number) => reader.holds(range.filters, from, to, range.signal);
  const delivery: Delivery = {
    ...range,
    patience: Number.POSITIVE_INFINITY,
    whenIdle: async (position) => ((await isLeft(position, Number.POSITIVE_INFINITY)) ? 'reopen' : 'wait'),
  };
  if (nothingYet) yield { messages: [], position: head, caughtUp: true };
  let saidAtEnd = nothingYet;
  let position = head;
  for await (const batch of deliver(reader, reader.stream, delivery)) {
    const last = batch.at(-1);
    if (last === undefined) {
      // Nothing more is there, whatever the last message said of what is behind it.
      if (!saidAtEnd) yield { messages: [], position, caughtUp: true };
      saidAtEnd = true;
      continue;
    }
    const stored = batch
      .filter((message) => isWanted(message, prefixes))
      .map((message) => toStored(reader, message));
    const isLast = last.pending === 0;
    // The consumer may sit on a replica that is behind what stood at the end when this began. A leader that does not
    // answer is asked again when nothing comes.
    const isBehind = () => isLeft(last.sequence + 1, head).catch(() => true);
    const caughtUp = isLast && (last.sequence >= head || !(await isBehind()));
    saidAtEnd = caughtUp;
    position = last.sequence;
    yield { messages: stored, position, caughtUp };
  }
}

function isWanted({ subject }: Delivered, prefixes: readonly string[] | undefined): boolean {
  return prefixes === undefined || prefixes.some((prefix) => subject.startsWith(prefix));
}

export function toStored({ stream, layout }: OrderedReader, delivered: Delivered): StoredMessage {
  const { subject, sequence, headers, body } = delivered;
  return toStoredMessage(stream, layout, { subject, sequence, storedAt: delivered, headers, body });
}

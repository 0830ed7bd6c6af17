import type { StoredMessage, SubjectLayout } from '@pipit/types-registry';
import type { StoredBatch } from '../event-log.ts';
import type { JetStreamApi } from './api.ts';
import { deliver } from './deliver.ts';
import type { Delivered } from './delivered.ts';
import type { Link } from './link.ts';
import { toStoredMessage } from './to-stored-message.ts';

const readPatience = 10_000;

export interface OrderedReader {
  readonly api: JetStreamApi;
  readonly link: Link;
  readonly stream: string;
  readonly layout: SubjectLayout;
}

export interface Range {
  readonly filters: readonly string[];
  readonly fromPosition: number;
  readonly fromTime: Date | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * The messages from one position to another, both inclusive, in batches. A message must stand at `toPosition`.
 *
 * @throws ReadFailedError; the signal's reason once it aborts
 */
export async function* readRange(
  reader: OrderedReader,
  { toPosition, signal, ...range }: Range & { readonly toPosition: number },
): AsyncGenerator<readonly StoredMessage[]> {
  const delivery = { ...range, signal: signal ?? new AbortController().signal, patience: readPatience };
  for await (const batch of deliver(reader, reader.stream, delivery)) {
    yield batch.filter(({ sequence }) => sequence <= toPosition).map((message) => toStored(reader, message));
    const last = batch.at(-1);
    // What stood at the end may have expired meanwhile.
    if (last !== undefined && (last.sequence >= toPosition || last.pending === 0)) return;
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
    /** What the subjects of wanted messages begin with; all are wanted where there are none. */
    readonly prefixes: readonly string[] | undefined;
    readonly head: number;
    /** Whether nothing that is there already is asked for. */
    readonly nothingYet: boolean;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<StoredBatch> {
  const { head, nothingYet, prefixes, ...range } = options;
  const isWanted = ({ subject }: Delivered) => prefixes?.some((prefix) => subject.startsWith(prefix)) ?? true;
  if (nothingYet) yield { messages: [], position: head, caughtUp: true };
  const delivery = { ...range, patience: Number.POSITIVE_INFINITY };
  for await (const batch of deliver(reader, reader.stream, delivery)) {
    const last = batch.at(-1);
    if (last === undefined) continue;
    const stored = batch.filter(isWanted).map((message) => toStored(reader, message));
    yield { messages: stored, position: last.sequence, caughtUp: last.pending === 0 };
  }
}

function toStored({ stream, layout }: OrderedReader, delivered: Delivered): StoredMessage {
  const { subject, sequence, headers, body } = delivered;
  return toStoredMessage(stream, layout, { subject, sequence, storedAt: delivered, headers, body });
}

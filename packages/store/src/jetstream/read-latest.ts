import type { StoredMessage } from '@pipit/types-registry';
import { type Delivery, deliver } from './deliver.ts';
import type { Delivered } from './delivered.ts';
import { type OrderedReader, readPatience, toStored } from './ordered-reader.ts';

export interface LatestRange {
  /** The subjects of one type of aggregates. */
  readonly filter: string;
  /** A message of these subjects has stood here. */
  readonly toPosition: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The last message of each aggregate, in the order of positions: those up to `toPosition`, or later ones. A consumer of
 * the last message per subject is four times as quick as direct gets of the subjects that the index lists, and tells of
 * what its replica lacked as soon as that has caught up.
 *
 * @throws ReadFailedError; the signal's reason once it aborts
 */
export async function* readLatest(
  reader: OrderedReader,
  range: LatestRange,
): AsyncGenerator<readonly StoredMessage[]> {
  const last = reader.layout.name === 'event' ? await lastPositions(reader, range) : undefined;
  for await (const batch of lastPerSubject(reader, range, 'whole')) {
    const isLast = (message: Delivered) => message.sequence >= (last?.get(aggregateIn(message)) ?? 0);
    yield batch.filter(isLast).map((message) => toStored(reader, message));
  }
}

/** Where an aggregate has several subjects: the position of its last message on any of them. */
async function lastPositions(
  reader: OrderedReader,
  range: LatestRange,
): Promise<ReadonlyMap<string, number>> {
  const positions = new Map<string, number>();
  for await (const batch of lastPerSubject(reader, range, 'headers'))
    for (const message of batch) positions.set(aggregateIn(message), message.sequence);
  return positions;
}

function aggregateIn({ subject }: Delivered): string {
  return subject.split('.')[2] ?? '';
}

async function* lastPerSubject(
  reader: OrderedReader,
  { filter, toPosition, signal }: LatestRange,
  lastPerSubject: 'whole' | 'headers',
): AsyncGenerator<readonly Delivered[]> {
  const filters = [filter];
  const isLeft = (from: number, to: number) => reader.holds(filters, from, to, signal);
  const delivery: Delivery = {
    filters,
    fromPosition: 1,
    fromTime: undefined,
    lastPerSubject,
    signal: signal ?? new AbortController().signal,
    patience: readPatience,
    whenIdle: async (position) => ((await isLeft(position, Number.POSITIVE_INFINITY)) ? 'reopen' : 'end'),
  };
  let delivered = Number.POSITIVE_INFINITY;
  let subjects = 0;
  for await (const batch of deliver(reader, reader.stream, delivery)) {
    const [first] = batch;
    const last = batch.at(-1);
    if (first === undefined || last === undefined) continue;
    // A consumer that goes on for another counts anew, and so do its subjects.
    if (first.delivery <= delivered) subjects = first.delivery + first.pending;
    delivered = last.delivery;
    yield batch;
    const isWhole = delivered >= subjects;
    // Its replica may have been behind when it began; then what was missing comes now.
    if (isWhole && (last.sequence >= toPosition || !(await isLeft(last.sequence + 1, toPosition)))) return;
  }
  signal?.throwIfAborted();
}

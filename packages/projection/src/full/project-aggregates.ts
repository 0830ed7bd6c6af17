import type { Aggregate } from '@pipit/store';
import { type AggregateRef, type RecordedEvent, UnreadableEventError } from '@pipit/types-registry';
import type { AggregateIndexer } from '../aggregate-indexer.ts';
import type { AggregateReader, AggregateReadOptions } from '../aggregate-reader.ts';
import type { Projection } from '../define-projection.ts';

/** What a projection reads aggregate by aggregate. Every `EventStore` of `@pipit/store` is one. */
export type FullReader = AggregateIndexer & AggregateReader;

/** What becomes of the aggregates. */
export interface AggregateSink<Row> {
  /** Aggregates are being listed, so there are some. */
  began(): void;
  /** A row, or none any more. Resolves when there is room for more. */
  take(id: string, row: Row | undefined): Promise<void>;
  /** An aggregate without an event that the projection is made of. */
  nothing(): void;
  events(read: number, unreadable: number): void;
}

export interface Source<Row> {
  readonly reader: FullReader;
  readonly projection: Projection<Row>;
  readonly aggregate: Aggregate;
  readonly options: AggregateReadOptions & { readonly signal: AbortSignal };
}

/** Where it failed; `cause` is what was thrown. */
export class AggregateFailure extends Error {
  readonly aggregate: AggregateRef | undefined;
  readonly position: number | undefined;
  readonly type: string | undefined;

  constructor(aggregate: AggregateRef | undefined, event: RecordedEvent | undefined, cause: unknown) {
    super('An aggregate could not be projected', { cause });
    this.aggregate = aggregate;
    const { position, type } = event ?? (cause instanceof UnreadableEventError ? cause : {});
    this.position = position;
    this.type = type;
  }
}

/**
 * Lists the aggregates and projects all events of each, several at a time. Fails with the first failure, when nothing is
 * under way any more.
 */
export async function projectEvery<Row>(
  source: Source<Row>,
  concurrency: number,
  sink: AggregateSink<Row>,
): Promise<void> {
  const { reader, aggregate, options } = source;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const ids = reader.ids(aggregate, { signal })[Symbol.asyncIterator]();

  async function work(): Promise<void> {
    try {
      while (!signal.aborted) {
        const { done, value: id } = await ids.next();
        if (done === true) return;
        sink.began();
        await projectOne({ ...source, options: { ...options, signal } }, id, sink);
      }
    } catch (error) {
      // Only the first one aborts; what fails because of that says nothing new.
      failed.abort(error);
    }
  }

  await Promise.all(Array.from({ length: concurrency }, work));
  await ids.return?.();
  signal.throwIfAborted();
}

async function projectOne<Row>(
  { reader, projection, aggregate, options }: Source<Row>,
  id: string,
  sink: AggregateSink<Row>,
): Promise<void> {
  const events = projection.events === undefined ? {} : { events: projection.events };
  let row: Row | undefined;
  let read = 0;
  let current: RecordedEvent | undefined;
  const reading = reader.read({ ...options, ...events, aggregate, id });
  try {
    for await (const event of reading) {
      if (projection.keys(event).length === 0) continue;
      read += 1;
      current = event;
      row = projection.project(row, event, id);
      current = undefined;
    }
  } catch (cause) {
    throw new AggregateFailure({ type: aggregate.type, id }, current, cause);
  }
  sink.events(read, reading.skipped);
  if (read === 0) sink.nothing();
  else await sink.take(id, row);
}

/** Projects the last event of each aggregate, and nothing else. */
export async function projectLatest<Row>(
  { reader, projection, aggregate, options }: Source<Row>,
  sink: AggregateSink<Row>,
): Promise<void> {
  const reading = reader.latest(aggregate, options);
  let skipped = 0;
  for await (const event of reading) {
    sink.began();
    const isSelected = projection.keys(event).length > 0;
    sink.events(isSelected ? 1 : 0, reading.skipped - skipped);
    skipped = reading.skipped;
    if (!isSelected) sink.nothing();
    else await sink.take(event.aggregate.id, projected(projection, event));
  }
  sink.events(0, reading.skipped - skipped);
}

function projected<Row>(projection: Projection<Row>, event: RecordedEvent): Row | undefined {
  try {
    return projection.project(undefined, event, event.aggregate.id);
  } catch (cause) {
    throw new AggregateFailure(event.aggregate, event, cause);
  }
}

import { AssertionError, deepStrictEqual } from 'node:assert/strict';
import type { Aggregate, DefinitionOf } from '@pipit/store';
import { defineRegistry, type NewEvent, type NewEventOf, type RecordedEvent } from '@pipit/types-registry';
import type { Projection } from '../define-projection.ts';
import type { StoredRow } from '../repository.ts';
import { foldEvents } from '../run/fold-events.ts';
import { SpecificationError } from './specification-error.ts';

/** What has happened to an aggregate: its type, its id, and events in the order of revisions. */
export type Past<A extends Aggregate = Aggregate> = readonly [
  aggregate: A,
  id: string,
  ...events: NewEventOf<DefinitionOf<A>>[],
];

export interface GivenEvents<Row> {
  /**
   * These are all rows, by their keys, compared deeply and strictly.
   *
   * @throws SpecificationError where they are not, where a function throws, and where one changes a row it was given
   */
  then(rows: Readonly<Record<string, Row>>): void;
}

const start = Date.UTC(2000, 0, 1);

/**
 * Begins a specification of a projection with what has happened, in the order of positions; an aggregate may come more
 * than once. It needs no store, no repository and no test runner. Payloads are validated, encoded and read again as a
 * store would; rows are not checked against the repository's schema. Events that bring no time happen a second apart
 * from 2000-01-01T00:00:00Z on; ids are `event-1`, `event-2` …
 *
 * @throws InvalidPayloadError, UnknownEventTypeError
 */
export function given<const A extends readonly Aggregate[], Row>(
  projection: Projection<Row>,
  past: { readonly [Index in keyof A]: Past<A[Index]> },
): GivenEvents<Row> {
  const events = recorded(past as readonly Past[]);
  const fold = () => new Map(rowsOf(projection, events));
  return {
    // biome-ignore lint/suspicious/noThenProperty: specifications read as sentences; nobody awaits one
    then(rows) {
      const summary = `Given ${events.length} ${events.length === 1 ? 'event' : 'events'}, projection ${projection.name}`;
      let actual: ReadonlyMap<string, Row>;
      try {
        actual = fold();
      } catch (cause) {
        throw new SpecificationError(`${summary} throws: ${String(cause)}`, cause);
      }
      try {
        deepStrictEqual(Object.fromEntries(actual), { ...rows });
      } catch (error) {
        if (!(error instanceof AssertionError)) throw error;
        throw new SpecificationError(`${summary} does not have the expected rows.\n${error.message}`, error);
      }
    },
  };
}

function* rowsOf<Row>(
  projection: Projection<Row>,
  events: readonly RecordedEvent[],
): Iterable<readonly [string, Row]> {
  const stored = new Map<string, StoredRow<Row>>();
  for (const event of events) {
    const changes = foldEvents(projection, (key) => stored.get(key), [
      { event, keys: projection.keys(event) },
    ]);
    for (const change of changes) stored.set(change.key, { ...change, revision: undefined });
  }
  for (const [key, { row }] of stored) if (row !== undefined) yield [key, row];
}

function recorded(past: readonly Past[]): readonly RecordedEvent[] {
  const revisions = new Map<string, number>();
  const events: RecordedEvent[] = [];
  for (const [aggregate, id, ...added] of past) {
    const { events: catalog } = defineRegistry({ events: aggregate.events });
    const ref = { type: aggregate.type, id };
    for (const event of added as readonly NewEvent[]) {
      const position = events.length + 1;
      const name = `${ref.type} ${id}`;
      const revision = (revisions.get(name) ?? 0) + 1;
      revisions.set(name, revision);
      const eventId = event.id ?? `event-${position}`;
      const { data, schemaVersion } = catalog.encode(event.type, event.data as never);
      events.push({
        id: eventId,
        type: event.type,
        aggregate: ref,
        revision,
        schemaVersion,
        time: event.time ?? new Date(start + (position - 1) * 1_000),
        data,
        metadata: event.metadata ?? {},
        correlationId: event.correlationId ?? eventId,
        causationId: event.causationId,
        traceparent: event.traceparent,
        store: 'spec',
        position,
      });
    }
  }
  return events;
}

import type { AggregateRef } from './event.ts';
import { decodeToken, encodeToken } from './subject-token.ts';

export type LayoutName = 'aggregate' | 'event';

/**
 * How a store's events lie on subjects. It is chosen when the store is created and kept in its stream's metadata.
 *
 * - `aggregate`: `<store>.<aggregateType>.<aggregateId>`, one literal subject per aggregate.
 * - `event`: `<store>.<aggregateType>.<aggregateId>.<eventType>`, for routing and permissions by event type.
 */
export interface SubjectLayout {
  readonly name: LayoutName;
  /** What the store's stream listens to: exactly the subjects of this layout. */
  streamSubject(store: string): string;
  subject(store: string, aggregate: AggregateRef, eventType: string): string;
  /** The one spelling that matches all events of an aggregate; every guard uses it. */
  aggregateFilter(store: string, aggregate: AggregateRef): string;
  typeFilter(store: string, aggregateType: string): string;
  /** @throws InvalidSubjectTokenError if a token is not one that Pipit writes. */
  aggregateOf(subject: string): AggregateRef;
}

const aggregateLayout: SubjectLayout = {
  name: 'aggregate',
  streamSubject: (store) => `${store}.*.*`,
  subject: (store, aggregate) => aggregateSubject(store, aggregate),
  aggregateFilter: (store, aggregate) => aggregateSubject(store, aggregate),
  typeFilter: (store, aggregateType) => `${store}.${encodeToken('aggregate type', aggregateType)}.*`,
  aggregateOf: aggregateOfSubject,
};

const eventLayout: SubjectLayout = {
  name: 'event',
  streamSubject: (store) => `${store}.*.*.*`,
  subject: (store, aggregate, eventType) =>
    `${aggregateSubject(store, aggregate)}.${encodeToken('event type', eventType)}`,
  aggregateFilter: (store, aggregate) => `${aggregateSubject(store, aggregate)}.*`,
  typeFilter: (store, aggregateType) => `${store}.${encodeToken('aggregate type', aggregateType)}.*.*`,
  aggregateOf: aggregateOfSubject,
};

export const subjectLayouts: Readonly<Record<LayoutName, SubjectLayout>> = {
  aggregate: aggregateLayout,
  event: eventLayout,
};

function aggregateSubject(store: string, { type, id }: AggregateRef): string {
  return `${store}.${encodeToken('aggregate type', type)}.${encodeToken('aggregate id', id)}`;
}

function aggregateOfSubject(subject: string): AggregateRef {
  const [, type = '', id = ''] = subject.split('.');
  return { type: decodeToken('aggregate type', type), id: decodeToken('aggregate id', id) };
}

import { InvalidSubjectTokenError } from './envelope-errors.ts';
import type { AggregateRef } from './event.ts';
import { decodeToken, encodeToken, requireStoreName } from './subject-token.ts';

export type LayoutName = 'aggregate' | 'event';

/**
 * How a store's events lie on subjects. It is chosen when the store is created and kept in its stream's metadata. All of
 * it throws InvalidSubjectTokenError for names and ids that no subject can hold; no name or id ever becomes a wildcard.
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
  /** @throws InvalidSubjectTokenError if the subject is not one that this layout writes. */
  aggregateOf(subject: string): AggregateRef;
}

const aggregateLayout: SubjectLayout = {
  name: 'aggregate',
  streamSubject: (store) => `${requireStoreName(store)}.*.*`,
  subject: (store, aggregate) => aggregateSubject(store, aggregate),
  aggregateFilter: (store, aggregate) => aggregateSubject(store, aggregate),
  typeFilter: (store, aggregateType) =>
    `${requireStoreName(store)}.${encodeToken('aggregate type', aggregateType)}.*`,
  aggregateOf: (subject) => aggregateOfSubject(subject, 3),
};

const eventLayout: SubjectLayout = {
  name: 'event',
  streamSubject: (store) => `${requireStoreName(store)}.*.*.*`,
  subject: (store, aggregate, eventType) =>
    `${aggregateSubject(store, aggregate)}.${encodeToken('event type', eventType)}`,
  aggregateFilter: (store, aggregate) => `${aggregateSubject(store, aggregate)}.*`,
  typeFilter: (store, aggregateType) =>
    `${requireStoreName(store)}.${encodeToken('aggregate type', aggregateType)}.*.*`,
  aggregateOf: (subject) => aggregateOfSubject(subject, 4),
};

export const subjectLayouts: Readonly<Record<LayoutName, SubjectLayout>> = {
  aggregate: aggregateLayout,
  event: eventLayout,
};

function aggregateSubject(store: string, { type, id }: AggregateRef): string {
  return `${requireStoreName(store)}.${encodeToken('aggregate type', type)}.${encodeToken('aggregate id', id)}`;
}

function aggregateOfSubject(subject: string, tokens: number): AggregateRef {
  const dots = dotsIn(subject);
  const [typeAt = 0, idAt = 0, idEnd] = dots;
  if (dots.length + 1 !== tokens) {
    throw new InvalidSubjectTokenError('subject', subject, `it has ${dots.length + 1} tokens, not ${tokens}`);
  }
  return {
    type: decodeToken('aggregate type', subject.slice(typeAt + 1, idAt)),
    id: decodeToken('aggregate id', subject.slice(idAt + 1, idEnd)),
  };
}

/** Looked for, because `split` makes a text of each token, for every event that is read. */
function dotsIn(subject: string): readonly number[] {
  const dots: number[] = [];
  for (let dot = subject.indexOf('.'); dot !== -1; dot = subject.indexOf('.', dot + 1)) dots.push(dot);
  return dots;
}

import type { NewEvent, RecordedEvent } from '@pipit/types-registry';
import type { Aggregate, Decision, DefinitionOf } from '../aggregate.ts';
import type { KeyChange } from '../append/unique-key.ts';

/** One thing that a decision can lead to. */
export type Decided<A extends Aggregate> = Extract<Decision<DefinitionOf<A>>, readonly unknown[]>[number];

export type NewEntry = NewEvent | KeyChange;
export type Entry = RecordedEvent | KeyChange;

export function isEvent<Event extends { readonly type: string }>(entry: Event | KeyChange): entry is Event {
  return !('kind' in entry);
}

export function recordEntries(
  entries: readonly NewEntry[],
  record: (event: NewEvent, place: number) => RecordedEvent,
): Entry[] {
  return entries.map((entry, index) => (isEvent(entry) ? record(entry, index + 1) : entry));
}

const nameable = ['id', 'time', 'metadata', 'correlationId', 'causationId', 'traceparent'] as const;

/** What is compared: a change of a key as it stands; of an event its type and payload, and what `like` names. */
export function comparable(entry: Entry, like: NewEntry | undefined): object {
  if (!isEvent(entry)) return entry;
  const { type, data } = entry;
  if (like === undefined || !isEvent(like)) return { type, data };
  const named = nameable.filter((name) => like[name] !== undefined);
  return { type, data, ...Object.fromEntries(named.map((name) => [name, entry[name]])) };
}

/** For the text of a failure. */
export function summaryOf(entries: readonly Entry[]): string {
  if (entries.length === 0) return 'nothing';
  return entries.map((entry) => (isEvent(entry) ? entry.type : `${entry.action} ${entry.name}`)).join(', ');
}

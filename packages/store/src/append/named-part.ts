import type { AggregateRef } from '@pipit/types-registry';
import type { AppendPart } from '../event-log.ts';
import { isKeyType } from './unique-key.ts';

/** The aggregate that errors of an append name: the first that is the caller's own, and not a unique key. */
export function namedAggregate(parts: readonly AppendPart[]): AggregateRef {
  return (own(parts)[0] as AppendPart).aggregate;
}

/** The ids that errors of an append name: those of the caller's events, which he can append again. */
export function namedIds(parts: readonly AppendPart[]): readonly string[] {
  return own(parts).flatMap(({ drafts }) => drafts.map(({ id }) => id));
}

function own(parts: readonly AppendPart[]): readonly AppendPart[] {
  const events = parts.filter(({ aggregate }) => !isKeyType(aggregate.type));
  return events.length === 0 ? parts : events;
}

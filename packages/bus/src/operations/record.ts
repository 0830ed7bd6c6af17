import { createHash } from 'node:crypto';
import { encodeToken, InvalidSubjectTokenError, type JsonValue } from '@pipit/types-registry';
import type { ErrorFacts, EventFacts, HandlingOutcome, OperationKind } from '../operations.ts';
import type { NewRecord } from './operation-log.ts';

/** What every record of an operation says of it. */
export interface OperationFacts {
  readonly id: string;
  readonly kind: OperationKind;
  readonly name: string;
  readonly startedAt: Date;
  readonly correlationId: string;
  readonly parentId: string | undefined;
  readonly instance: string;
}

export interface Started extends OperationFacts {
  readonly record: 'operation-started';
  readonly input: JsonValue | undefined;
  readonly user: JsonValue | undefined;
}

/** Says all but the input again, because the start expires earlier. */
export interface Ended extends OperationFacts {
  readonly record: 'operation-ended';
  readonly endedAt: Date;
  readonly error: ErrorFacts | undefined;
}

export interface EventAppended {
  readonly record: 'event-appended';
  readonly event: EventFacts;
}

export interface EventHandled {
  readonly record: 'event-handled';
  readonly event: EventFacts;
  readonly group: string;
  readonly attempt: number;
  readonly outcome: HandlingOutcome;
  readonly at: Date;
  readonly instance: string;
  readonly error: ErrorFacts | undefined;
}

export type OperationRecord = Started | Ended | EventAppended | EventHandled;

/** The key of a start or an end; `*` stands for any. */
export function runKey(
  kind: string | undefined,
  name: string | undefined,
  half: 'start' | 'end' | '*',
): string {
  return `run.${kind ?? '*'}.${name === undefined ? '*' : encodeToken('operation name', name)}.${half}`;
}

/** An operation's own records, and where it lies in another a copy for that one's chain, which is then read at once. */
export function recordsOfOperation(facts: Started | Ended): NewRecord[] {
  const { id, kind, name, correlationId, record } = facts;
  const half = record === 'operation-started' ? 'start' : 'end';
  const rest = {
    type: record,
    time: record === 'operation-started' ? facts.startedAt : facts.endedAt,
    causationId: facts.parentId,
    body: encode(facts),
  };
  const own = { chain: id, key: runKey(kind, name, half), ...rest };
  if (correlationId === id) return [own];
  return [own, { chain: correlationId, key: `nested.${id}.${half}`, ...rest }];
}

export function recordOfEvent(given: EventFacts): NewRecord {
  const event = factsOf(given);
  return {
    chain: event.correlationId,
    key: `event.${tokenOf(event.id)}`,
    type: 'event-appended',
    time: event.time,
    causationId: event.causationId,
    body: encode({ record: 'event-appended', event }),
  };
}

export function recordOfHandling(handled: Omit<EventHandled, 'record'>): NewRecord {
  const event = factsOf(handled.event);
  const { group, attempt, at } = handled;
  return {
    chain: event.correlationId,
    // A dead letter that is redriven begins again with its first attempt, at another time.
    key: `handled.${tokenOf(event.id)}.${tokenOf(group)}.${attempt}-${at.getTime()}`,
    type: 'event-handled',
    time: at,
    causationId: event.id,
    body: encode({ record: 'event-handled', ...handled, event }),
  };
}

/** Of a whole event, only the facts. */
function factsOf({
  id,
  type,
  aggregate,
  position,
  time,
  correlationId,
  causationId,
}: EventFacts): EventFacts {
  return {
    id,
    type,
    aggregate: { type: aggregate.type, id: aggregate.id },
    position,
    time,
    correlationId,
    causationId,
  };
}

function encode(record: OperationRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/** The body says the id in full, so the token only has to be another one for another id. */
function tokenOf(id: string): string {
  try {
    return encodeToken('id', id);
  } catch (error) {
    if (!(error instanceof InvalidSubjectTokenError)) throw error;
    return `=${createHash('sha256').update(id).digest('base64url')}`;
  }
}

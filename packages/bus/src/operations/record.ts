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

/** Where an operation's own records lie. */
export function runPlace(id: string, half: 'start' | 'end'): string {
  return `${id}.${half}`;
}

/**
 * Where the index has all operations of a kind and name, on one subject: the server finds them there without looking at
 * the subjects of chains, of which there are many more. `*` stands for any.
 */
export function indexPlace(kind = '*', name?: string): string {
  return `index.${kind}.${name === undefined ? '*' : encodeToken('operation name', name)}`;
}

/** The start, and its entry in the index. */
export function recordsOfStart(started: Started): NewRecord[] {
  const { id, kind, name, startedAt } = started;
  const [own, ...copies] = recordsOfHalf(started, 'start', startedAt) as [NewRecord, ...NewRecord[]];
  const body = Buffer.from(JSON.stringify({ id, startedAt }));
  const type = 'operation-indexed';
  return [{ ...own, id: `${id}.index`, place: indexPlace(kind, name), type, body }, own, ...copies];
}

export function recordsOfEnd(ended: Ended): NewRecord[] {
  return recordsOfHalf(ended, 'end', ended.endedAt);
}

/** An operation's own record, and where it lies in another a copy for that one's chain, which is then read at once. */
function recordsOfHalf(facts: Started | Ended, half: 'start' | 'end', time: Date): NewRecord[] {
  const { id, correlationId, record } = facts;
  const rest = {
    chain: correlationId,
    type: record,
    time,
    causationId: facts.parentId,
    body: encode(facts),
  };
  const own = runPlace(id, half);
  const copy = `${correlationId}.nested.${own}`;
  const places = correlationId === id ? [own] : [own, copy];
  return places.map((place) => ({ id: place, place, ...rest }));
}

export function recordOfEvent(given: EventFacts): NewRecord {
  const event = factsOf(given);
  const place = `${event.correlationId}.event.${tokenOf(event.id)}`;
  return {
    id: place,
    place,
    chain: event.correlationId,
    type: 'event-appended',
    time: event.time,
    causationId: event.causationId,
    body: encode({ record: 'event-appended', event }),
  };
}

export function recordOfHandling(handled: Omit<EventHandled, 'record'>): NewRecord {
  const event = factsOf(handled.event);
  const { group, attempt, at } = handled;
  const handling = `${tokenOf(event.id)}.${tokenOf(group)}.${attempt}-${at.getTime()}`;
  const place = `${event.correlationId}.handled.${handling}`;
  return {
    id: place,
    place,
    chain: event.correlationId,
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
  topic,
  position,
  time,
  correlationId,
  causationId,
}: EventFacts): EventFacts {
  return {
    id,
    type,
    aggregate: { type: aggregate.type, id: aggregate.id },
    ...(topic !== undefined && { topic }),
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

import type { JsonValue } from '@pipit/types-registry';
import type { ErrorFacts, EventFacts, HandlingOutcome, OperationKind } from '../operations.ts';
import { isOperationId } from './operation-id.ts';
import type { OperationFacts, OperationRecord } from './record.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface IndexEntry {
  readonly id: string;
  readonly startedAt: Date;
}

/** @throws TypeError or SyntaxError for what is no entry of Pipit's */
export function readIndexEntry(body: Uint8Array): IndexEntry {
  const fields = object(parse(body), 'entry');
  const id = text(fields, 'id');
  // Subjects are made of it.
  if (!isOperationId(id)) throw new TypeError(`id is ${JSON.stringify(id)}`);
  return { id, startedAt: date(fields, 'startedAt') };
}

/** @throws TypeError or SyntaxError for what is no record of Pipit's */
export function readRecord(body: Uint8Array): OperationRecord {
  const fields = object(parse(body), 'record');
  const { record } = fields;
  switch (record) {
    case 'operation-started':
      return {
        record,
        ...operationFacts(fields),
        input: fields['input'] as JsonValue | undefined,
        user: fields['user'] as JsonValue | undefined,
      };
    case 'operation-ended':
      return {
        record,
        ...operationFacts(fields),
        endedAt: date(fields, 'endedAt'),
        error: errorOf(fields),
      };
    case 'event-appended':
      return { record, event: eventFacts(object(fields['event'], 'event')) };
    case 'event-handled':
      return {
        record,
        event: eventFacts(object(fields['event'], 'event')),
        group: text(fields, 'group'),
        attempt: number(fields, 'attempt'),
        outcome: oneOf<HandlingOutcome>(fields, 'outcome', ['handled', 'retrying', 'dead-lettered']),
        at: date(fields, 'at'),
        instance: text(fields, 'instance'),
        error: errorOf(fields),
      };
    default:
      throw new TypeError(`record is ${JSON.stringify(record)}`);
  }
}

function parse(body: Uint8Array): unknown {
  return JSON.parse(Buffer.from(body).toString('utf8'));
}

function operationFacts(fields: Fields): OperationFacts {
  return {
    id: text(fields, 'id'),
    kind: oneOf<OperationKind>(fields, 'kind', ['command', 'webhook', 'schedule', 'external']),
    name: text(fields, 'name'),
    startedAt: date(fields, 'startedAt'),
    correlationId: text(fields, 'correlationId'),
    parentId: optionalText(fields, 'parentId'),
    instance: text(fields, 'instance'),
  };
}

function eventFacts(fields: Fields): EventFacts {
  const aggregate = object(fields['aggregate'], 'aggregate');
  const topic = optionalText(fields, 'topic');
  return {
    id: text(fields, 'id'),
    type: text(fields, 'type'),
    aggregate: { type: text(aggregate, 'type'), id: text(aggregate, 'id') },
    ...(topic !== undefined && { topic }),
    position: number(fields, 'position'),
    time: date(fields, 'time'),
    correlationId: text(fields, 'correlationId'),
    causationId: optionalText(fields, 'causationId'),
  };
}

function errorOf(fields: Fields): ErrorFacts | undefined {
  if (fields['error'] === undefined) return undefined;
  const error = object(fields['error'], 'error');
  const code = optionalText(error, 'code');
  const facts = { name: text(error, 'name'), message: text(error, 'message') };
  return code === undefined ? facts : { ...facts, code };
}

function object(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null) return value as Fields;
  throw new TypeError(`${name} is no object`);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} is no text`);
}

function optionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : text(fields, name);
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === 'number') return value;
  throw new TypeError(`${name} is no number`);
}

function date(fields: Fields, name: string): Date {
  const value = new Date(text(fields, name));
  if (!Number.isNaN(value.getTime())) return value;
  throw new TypeError(`${name} is no time`);
}

function oneOf<Value extends string>(fields: Fields, name: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === fields[name]);
  if (found !== undefined) return found;
  throw new TypeError(`${name} is none of ${values.join(', ')}`);
}

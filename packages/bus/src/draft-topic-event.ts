import { currentTrace, type EventDraft, encodeToken, type NewEvent } from '@pipit/types-registry';
import { v7 } from 'uuid';
import type { OperationRecorder } from './operations.ts';
import { InvalidTopicError } from './topic-errors.ts';
import type { Topic } from './topics.ts';

/** Where time and ids come from. */
export interface TopicSources {
  /** Default: the system's. */
  readonly clock?: () => Date;
  /** Default: UUIDv7. */
  readonly newId?: () => string;
}

/** What topics take beside it. */
export interface TopicOptions extends TopicSources {
  /** Of the store's operations: told what is published in them. Default: nobody is told. */
  readonly recorder?: Pick<OperationRecorder, 'appended'> | undefined;
}

/** Tells operations of an event that was published. */
export function recordPublished(
  recorder: TopicOptions['recorder'],
  draft: TopicDraft,
  position: number,
): void {
  if (recorder === undefined) return;
  const { id, type, topic, key, time, causationId, correlationId = id } = draft;
  recorder.appended([
    { id, type, aggregate: { type: topic, id: key }, topic, position, time, correlationId, causationId },
  ]);
}

/** An integration event, validated and complete, but not yet on its way. */
export interface TopicDraft extends EventDraft {
  readonly topic: string;
  readonly key: string;
  /** Topic and key as two tokens of a subject. */
  readonly address: string;
}

/** @throws InvalidPayloadError, UnknownEventTypeError, InvalidSubjectTokenError */
export function draftTopicEvent(
  topic: Topic,
  key: string,
  event: NewEvent,
  { clock, newId }: TopicSources,
): TopicDraft {
  const inherited = currentTrace();
  const { contentType, schemaVersion, bytes } = topic.catalog.encode(event.type, event.data);
  return {
    topic: topic.name,
    key,
    address: `${encodeToken('topic', topic.name)}.${encodeToken('key', key)}`,
    id: event.id ?? newId?.() ?? v7(),
    type: event.type,
    time: event.time ?? clock?.() ?? new Date(),
    metadata: event.metadata ?? {},
    payload: { contentType, schemaVersion, bytes },
    correlationId: event.correlationId ?? inherited.correlationId,
    causationId: event.causationId ?? inherited.causationId,
    traceparent: event.traceparent ?? inherited.traceparent,
  };
}

/** Repeated publishes have to arrive while the server remembers the id, by default for two minutes. */
const longestTimeout = 100_000;

/** @throws InvalidTopicError */
export function checkTimeout(timeout = 10_000): number {
  if (Number.isInteger(timeout) && timeout >= 1 && timeout <= longestTimeout) return timeout;
  throw new InvalidTopicError(
    'timeout',
    `must be a whole number of milliseconds from 1 to ${longestTimeout}, not ${String(timeout)}`,
  );
}

import {
  encodeToken,
  eventHeaders,
  type Header,
  messageIdHeader,
  type NewEvent,
} from '@pipit/types-registry';
import { draftTopicEvent, type TopicDraft, type TopicSources } from './draft-topic-event.ts';
import { InvalidScheduleError } from './schedule-errors.ts';
import type { Timing } from './schedules.ts';
import { repeatsHeader } from './topic-event.ts';
import type { Topic } from './topics.ts';

/** A schedule, validated and complete. */
export interface ScheduleDraft {
  readonly id: string;
  readonly timing: Timing;
  readonly event: TopicDraft;
  /** What is fired carries these, and the payload's bytes. */
  readonly headers: readonly Header[];
}

/**
 * @throws InvalidScheduleError, InvalidPayloadError, UnknownEventTypeError, InvalidEventError, InvalidSubjectTokenError
 */
export function draftSchedule(
  store: string,
  { id, timing, topic, key, event }: ScheduleRequest,
  sources: TopicSources,
): ScheduleDraft {
  encodeToken('schedule id', id);
  const repeats = timing.kind !== 'at';
  if (repeats && (event.id !== undefined || event.time !== undefined)) {
    const field = event.id === undefined ? 'time' : 'id';
    throw new InvalidScheduleError(
      id,
      `event's ${field}`,
      'is given, but each firing of a repeating schedule has one of its own: leave it out',
    );
  }
  const timed = timing.kind === 'at' ? { ...event, time: event.time ?? timing.at } : event;
  const draft = draftTopicEvent(topic, key, timed, sources);
  // The server does not fire message ids. Without a time, an event happens when it is stored.
  const left = new Set(repeats ? [messageIdHeader, 'ce-time'] : [messageIdHeader]);
  const headers = eventHeaders(store, draft).filter(([name]) => !left.has(name));
  if (repeats) headers.push([repeatsHeader, timing.kind]);
  return { id, timing, event: draft, headers };
}

export interface ScheduleRequest {
  readonly id: string;
  readonly timing: Timing;
  readonly topic: Topic;
  readonly key: string;
  readonly event: NewEvent;
}

/** What is made anew each time a schedule is set, and says nothing of what it fires. */
const perSetting: ReadonlySet<string> = new Set([
  'ce-id',
  'ce-correlationid',
  'ce-causationid',
  'traceparent',
]);

/** Whether a repeating schedule fires what another one does, so that it need not be replaced. */
export function firesTheSame(
  draft: ScheduleDraft,
  header: (name: string) => string | undefined,
  body: Uint8Array,
): boolean {
  if (Buffer.compare(draft.event.payload.bytes, body) !== 0) return false;
  return draft.headers.every(([name, value]) => perSetting.has(name) || header(name) === value);
}

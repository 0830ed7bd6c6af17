import { encodeToken, type Header, messageIdHeader } from '@pipit/types-registry';
import { v7 } from 'uuid';
import type { ScheduleDraft } from '../../draft-schedule.ts';
import { InvalidScheduleError } from '../../schedule-errors.ts';
import { nextTime, specificationOf, timingOf } from '../../schedule-timing.ts';
import type { Schedule, Timing } from '../../schedules.ts';
import { tokenText } from '../../token-text.ts';
import { topicsStream } from '../../topic-event.ts';
import { timersSubject } from '../topics/ensure-topics-stream.ts';

// ADR-51.
const specificationHeader = 'Nats-Schedule';
const targetHeader = 'Nats-Schedule-Target';
/** Keeps a schedule where the stream's events have an age after which they go (ADR-43). */
const timeToLiveHeader = 'Nats-TTL';

/** The subject of a schedule. @throws InvalidSubjectTokenError */
export function scheduleSubject(store: string, id: string): string {
  return `${timersSubject(store)}.${encodeToken('schedule id', id)}`;
}

/** What the server needs beside what it fires. */
export function schedulingHeaders(store: string, { timing, event }: ScheduleDraft): Header[] {
  return [
    // One of its own for each setting: under the event's id, a second one would count as the first sent again.
    [messageIdHeader, v7()],
    [specificationHeader, specificationOf(timing)],
    [targetHeader, `${topicsStream(store)}.${event.address}`],
    [timeToLiveHeader, 'never'],
  ];
}

/** A schedule as it lies on its subject. */
export interface StoredSchedule {
  readonly subject: string;
  readonly setAt: Date;
  header(name: string): string | undefined;
}

/** Also one that Pipit did not write: what does not decode is shown as it is. */
export function readSchedule({ subject, setAt, header }: StoredSchedule, now: Date): Schedule {
  const id = tokenText(subject.slice(subject.indexOf('.') + 1));
  const timing = timingOf(header(specificationHeader) ?? '');
  const [, topic = '', ...key] = (header(targetHeader) ?? '').split('.');
  const fires = { topic: tokenText(topic), key: tokenText(key.join('.')), type: typeOf(header('ce-type')) };
  return { id, timing, next: nextOf(id, timing, now), ...fires, setAt };
}

/** Whether it is a schedule: others may publish to its subject what the server never fires. */
export function isSchedule({ header }: StoredSchedule): boolean {
  return header(specificationHeader) !== undefined;
}

function typeOf(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The server takes expressions that cannot be read here. */
function nextOf(id: string, timing: Timing, now: Date): Date | undefined {
  try {
    return nextTime(id, timing, now);
  } catch (error) {
    if (error instanceof InvalidScheduleError) return undefined;
    throw error;
  }
}

/** Whether it is set to fire as the other, apart from what it fires. */
export function isTimedTheSame(store: string, draft: ScheduleDraft, stored: StoredSchedule): boolean {
  return schedulingHeaders(store, draft).every(
    ([name, value]) => name === messageIdHeader || stored.header(name) === value,
  );
}

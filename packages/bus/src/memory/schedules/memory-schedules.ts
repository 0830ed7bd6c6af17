import { encodeToken } from '@pipit/types-registry';
import { StoppedError } from '../../bus-errors.ts';
import {
  draftSchedule,
  firesTheSame,
  type ScheduleDraft,
  type ScheduleRequest,
} from '../../draft-schedule.ts';
import { checkTimeout, type TopicSources } from '../../draft-topic-event.ts';
import { nextTime, specificationOf, timingAt, timingCron, timingEvery } from '../../schedule-timing.ts';
import type { Schedule, Schedules } from '../../schedules.ts';
import { scheduleNextHeader } from '../../topic-event.ts';
import type { MemoryTopicLog } from '../topics/memory-topic-log.ts';
import { checkSize } from '../topics/memory-topics.ts';
import { type AlarmClock, systemClock } from './alarm-clock.ts';

interface SetSchedule {
  readonly draft: ScheduleDraft;
  readonly setAt: Date;
  due: Date;
  silence(): void;
}

/**
 * Schedules in memory, fired by a clock into a log of topics: the same behaviour as on JetStream, for tests and trials;
 * gone with the process.
 *
 * @param clock default: the system's; `turnedClock` for one that a test owns
 */
export function memorySchedules(
  log: MemoryTopicLog,
  clock: AlarmClock = systemClock,
  { newId }: Pick<TopicSources, 'newId'> = {},
): Schedules {
  const schedules = new Map<string, SetSchedule>();
  const sources = { clock: clock.now, ...(newId !== undefined && { newId }) };
  let closed = false;

  function set(request: ScheduleRequest, timeout: number | undefined): void {
    checkTimeout(timeout);
    const draft = draftSchedule(log.store, request, sources);
    const { id, timing, event, headers } = draft;
    if (closed) throw new StoppedError(`Scheduling for store ${log.store}`);
    checkSize(event.type, headers, event.payload.bytes);
    const found = schedules.get(id);
    if (timing.kind !== 'at' && found !== undefined && isSame(draft, found.draft)) return;
    found?.silence();
    const setAt = clock.now();
    const schedule = { draft, setAt, due: nextDue(draft, setAt), silence: () => {} };
    schedules.set(id, schedule);
    arm(schedule);
  }

  function arm(schedule: SetSchedule): void {
    schedule.silence = clock.ringAt(schedule.due, () => fire(schedule));
  }

  function fire(schedule: SetSchedule): void {
    const { draft } = schedule;
    const { topic, key, payload } = draft.event;
    const repeats = draft.timing.kind !== 'at';
    // What was missed while the process could not run fires once.
    if (repeats) schedule.due = nextDue(draft, clock.now());
    else schedules.delete(draft.id);
    const next = repeats ? schedule.due.toISOString() : 'purge';
    log.append({
      topic,
      key,
      headers: [...draft.headers, [scheduleNextHeader, next]],
      body: payload.bytes,
    });
    if (repeats) arm(schedule);
  }

  return {
    async at(id, when, topic, key, event, { timeout } = {}) {
      set({ id, timing: timingAt(id, when), topic, key, event }, timeout);
    },
    async every(id, milliseconds, topic, key, event, { timeout } = {}) {
      set({ id, timing: timingEvery(id, milliseconds), topic, key, event }, timeout);
    },
    async cron(id, expression, topic, key, event, { timeout } = {}) {
      set({ id, timing: timingCron(id, expression), topic, key, event }, timeout);
    },
    async cancel(id) {
      encodeToken('schedule id', id);
      schedules.get(id)?.silence();
      return schedules.delete(id);
    },
    async get(id) {
      encodeToken('schedule id', id);
      const found = schedules.get(id);
      return found === undefined ? undefined : shown(found, clock.now());
    },
    async list() {
      const inOrder = [...schedules.values()].toSorted((a, b) => a.setAt.getTime() - b.setAt.getTime());
      return inOrder.map((schedule) => shown(schedule, clock.now()));
    },
    close() {
      closed = true;
    },
  };
}

function nextDue({ id, timing }: ScheduleDraft, after: Date): Date {
  if (timing.kind === 'every') return new Date(after.getTime() + timing.every);
  return nextTime(id, timing, after) ?? after;
}

function isSame(draft: ScheduleDraft, set: ScheduleDraft): boolean {
  const { event, timing, headers } = set;
  if (specificationOf(draft.timing) !== specificationOf(timing)) return false;
  if (draft.event.address !== event.address) return false;
  return firesTheSame(draft, (name) => new Map(headers).get(name), event.payload.bytes);
}

function shown({ draft, setAt }: SetSchedule, now: Date): Schedule {
  const { id, timing, event } = draft;
  const { topic, key, type } = event;
  return { id, timing, next: nextTime(id, timing, now), topic, key, type, setAt };
}

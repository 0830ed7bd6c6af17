import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import { draftSchedule, firesTheSame, type ScheduleRequest } from '../../draft-schedule.ts';
import { checkTimeout } from '../../draft-topic-event.ts';
import { ScheduleInDoubtError, ScheduleRefusedError } from '../../schedule-errors.ts';
import { timingAt, timingCron, timingEvery } from '../../schedule-timing.ts';
import type { Schedules } from '../../schedules.ts';
import { topicsStream } from '../../topic-event.ts';
import { blockOf } from '../topics/header-block.ts';
import type { JetStreamTopicsOptions } from '../topics/open-topics.ts';
import { openTopics } from '../topics/open-topics.ts';
import { openPublisher } from '../topics/publisher.ts';
import { readSchedules } from './read-schedules.ts';
import {
  isSchedule,
  isTimedTheSame,
  readSchedule,
  type StoredSchedule,
  scheduleSubject,
  schedulingHeaders,
} from './schedule-headers.ts';
import { untilAnswered } from './until-answered.ts';

const noMessage = 10037;

/**
 * Schedules that a JetStream server keeps and fires (ADR-51), on the subjects `<store>_timers.<id>` of the stream of
 * topics.
 *
 * @throws as jetStreamTopics
 */
export async function jetStreamSchedules(options: JetStreamTopicsOptions): Promise<Schedules> {
  const { connection, store, clock = () => new Date() } = options;
  const api = await openTopics(options);
  const stream = topicsStream(store);
  const publisher = openPublisher(connection, `Scheduling for store ${store}`);

  const refusedFor = (id: string) => (code: number, description: string, cause?: unknown) =>
    new ScheduleRefusedError({ id, stream, version: connection.info?.version }, code, description, cause);

  function refusal(id: string, cause: unknown): Error | undefined {
    if (cause instanceof JetStreamApiError && cause.code !== 10008)
      return refusedFor(id)(cause.code, cause.message, cause);
    const forbidden = cause instanceof Error ? (cause.cause ?? cause) : cause;
    return forbidden instanceof errors.PermissionViolationError
      ? refusedFor(id)(403, forbidden.message, cause)
      : undefined;
  }

  /** From the leader, so that what was set is seen. */
  async function find(id: string, timeout?: number) {
    const subject = scheduleSubject(store, id);
    const ask = () => api.manager.streams.getMessage(stream, { last_by_subj: subject }).catch(ifMissing);
    const question = { operation: `Reading schedule ${id}`, timeout: checkTimeout(timeout) };
    const message = await untilAnswered(api, question, ask, (cause) => refusal(id, cause));
    if (message === null) return undefined;
    const { header: headers, data: body, time: setAt } = message;
    const header = (name: string) => (headers?.has(name) ? headers.get(name) : undefined);
    const stored: StoredSchedule = { subject, setAt, header };
    return { stored, body };
  }

  async function set(request: ScheduleRequest, timeout: number | undefined): Promise<void> {
    const patience = checkTimeout(timeout);
    const { id } = request;
    const draft = draftSchedule(store, request, options);
    if (draft.timing.kind !== 'at') {
      const found = await find(id, patience);
      const isSet = found !== undefined && isTimedTheSame(store, draft, found.stored);
      if (isSet && firesTheSame(draft, found.stored.header, found.body)) return;
    }
    await publisher.publish(
      {
        subject: scheduleSubject(store, id),
        headers: blockOf([...draft.headers, ...schedulingHeaders(store, draft)]),
        body: draft.event.payload.bytes,
        type: draft.event.type,
        operation: `Setting schedule ${id}`,
        refused: refusedFor(id),
        inDoubt: (cause) => new ScheduleInDoubtError(id, cause),
      },
      patience,
    );
  }

  return {
    async at(id, when, topic, key, event, { timeout } = {}) {
      await set({ id, timing: timingAt(id, when), topic, key, event }, timeout);
    },
    async every(id, milliseconds, topic, key, event, { timeout } = {}) {
      await set({ id, timing: timingEvery(id, milliseconds), topic, key, event }, timeout);
    },
    async cron(id, expression, topic, key, event, { timeout } = {}) {
      await set({ id, timing: timingCron(id, expression), topic, key, event }, timeout);
    },
    async cancel(id) {
      const filter = scheduleSubject(store, id);
      const question = { operation: `Cancelling schedule ${id}`, timeout: checkTimeout() };
      const purge = () => api.manager.streams.purge(stream, { filter });
      const { purged } = await untilAnswered(api, question, purge, (cause) => refusal(id, cause));
      return purged > 0;
    },
    async get(id) {
      const found = await find(id);
      return found === undefined || !isSchedule(found.stored)
        ? undefined
        : readSchedule(found.stored, clock());
    },
    async list() {
      const question = { operation: `Listing the schedules of store ${store}`, timeout: checkTimeout() };
      const stored = await untilAnswered(
        api,
        question,
        () => readSchedules(api, store),
        () => undefined,
      );
      return stored.filter(isSchedule).map((each) => readSchedule(each, clock()));
    },
    close: () => publisher.close(),
  };
}

function ifMissing(error: unknown): null {
  if (error instanceof JetStreamApiError && error.code === noMessage) return null;
  throw error;
}

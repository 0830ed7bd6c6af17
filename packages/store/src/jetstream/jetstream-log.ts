import {
  type AggregateRef,
  decodeToken,
  type StoredMessage,
  type SubjectLayout,
} from '@pipit/types-registry';
import { LRUCache } from 'lru-cache';
import { maxBatch } from '../append/max-batch.ts';
import type { EventLog, LogQuery, StoredBatch } from '../event-log.ts';
import { ReadFailedError } from '../store-errors.ts';
import type { AggregateReader } from './aggregate-reader.ts';
import type { JetStreamApi } from './api.ts';
import { appendQueue } from './append-queue.ts';
import { watchLink } from './link.ts';
import { followFrom, type OrderedReader, readRange } from './ordered-reader.ts';
import { readAggregate } from './read-aggregate.ts';
import { readLatest } from './read-latest.ts';
import { openRequests } from './requests.ts';
import { watchIdentity } from './stream-identity.ts';
import { countSubjects, paceOf, subjectsOf } from './subject-index.ts';
import { eventLookup, type Tail } from './tail.ts';
import { type Pace, untilAnswered } from './until-answered.ts';

/** Aggregates whose tails are remembered, about 200 bytes each. */
const rememberedTails = 10_000;
/** Of a question that is asked for as long as somebody waits. */
const patient: Pace = { firstSilence: 1_000, patience: Number.POSITIVE_INFINITY };

/**
 * A log on one JetStream stream that exists and has been checked.
 *
 * @throws ReadFailedError, ConnectionError
 */
export async function jetStreamLog(
  api: JetStreamApi,
  stream: string,
  layout: SubjectLayout,
): Promise<EventLog> {
  const link = watchLink(api.connection);
  const identity = watchIdentity({ api, link, stream });
  const requests = openRequests(api, link);
  const lookup = eventLookup(api, stream, layout);
  const tails = new LRUCache<string, Tail>({ max: rememberedTails });
  const reader: AggregateReader = { api, link, requests, stream, layout, lookup, tails };
  const ordered: OrderedReader = {
    ...reader,
    async holds(filters, from, to, signal) {
      const doing = 'find out whether there is more to read';
      const first = await reading(doing, () => lookup.firstOf(filters, from), signal);
      return first !== undefined && first <= to;
    },
  };
  const queue = appendQueue({
    ...reader,
    identity,
    store: stream,
    readAggregate: (aggregate) => readAggregate(reader, aggregate),
  });
  const closing = new AbortController();
  identity.onReplaced(() => tails.clear());

  function filtersOf(aggregateTypes: readonly string[] | undefined): readonly string[] {
    return aggregateTypes?.map((type) => layout.typeFilter(stream, type)) ?? [layout.streamSubject(stream)];
  }

  function prefixesOf(aggregateTypes: readonly string[] | undefined): readonly string[] | undefined {
    return aggregateTypes?.map((type) => layout.typeFilter(stream, type).replace(/[*.]+$/, '.'));
  }

  async function* read(query: LogQuery): ReturnType<EventLog['read']> {
    const { aggregateTypes, fromPosition = 1, fromTime, signal } = query;
    const filters = filtersOf(aggregateTypes);
    const doing = 'find the end of what is asked for';
    const last = await reading(doing, () => lookup.lastOf(filters), signal);
    if (last === undefined || last.position < fromPosition) return;
    if (fromTime !== undefined && last.storedAt < fromTime) return;
    const range = { fromPosition, fromTime, toPosition: last.position, signal };
    // To look for the next message of several filters takes the server milliseconds where there are many aggregates.
    if (filters.length === 1) yield* readRange(ordered, { filters, ...range });
    else
      yield* readRange(ordered, {
        filters: filtersOf(undefined),
        prefixes: prefixesOf(aggregateTypes),
        ...range,
      });
  }

  /**
   * Reads the whole stream, whatever is asked for, and leaves out the rest: so that `position` goes on also where
   * nothing fits the query, and who waits for a position learns that it has been passed.
   */
  async function* follow(query: LogQuery): AsyncGenerator<StoredBatch> {
    const { aggregateTypes, fromPosition = 1, fromTime } = query;
    const signal =
      query.signal === undefined ? closing.signal : AbortSignal.any([query.signal, closing.signal]);
    const filters = [layout.streamSubject(stream)];
    const last = await endOf(filters, signal);
    if (signal.aborted) return;
    const head = last?.position ?? 0;
    const tooOld = fromTime !== undefined && last !== undefined && last.storedAt < fromTime;
    const replaced = new AbortController();
    const unwatch = identity.onReplaced(() => replaced.abort());
    const ending = AbortSignal.any([signal, replaced.signal]);
    const prefixes = prefixesOf(aggregateTypes);
    const nothingYet = head < fromPosition || tooOld;
    const from = { fromPosition: tooOld ? Math.max(fromPosition, head + 1) : fromPosition, fromTime };
    try {
      yield* followFrom(ordered, { filters, prefixes, ...from, head, nothingYet, signal: ending });
    } finally {
      unwatch();
    }
    // Positions mean nothing in another stream, so there is no going on in it.
    if (replaced.signal.aborted && !signal.aborted)
      throw new ReadFailedError(
        stream,
        'be followed on',
        new Error('its stream was replaced by another one'),
      );
  }

  async function* latest(aggregateType: string, signal?: AbortSignal): ReturnType<EventLog['latest']> {
    const filter = layout.typeFilter(stream, aggregateType);
    const doing = 'find the end of what is asked for';
    const end = await reading(doing, () => lookup.lastOf([filter]), signal);
    if (end !== undefined) yield* readLatest(ordered, { filter, toPosition: end.position, signal });
  }

  async function* ids(aggregateType: string, signal?: AbortSignal): AsyncGenerator<readonly string[]> {
    const filter = layout.typeFilter(stream, aggregateType);
    let before: string | undefined;
    const paced = { pace: paceOf(await subjectsInAll(signal)), ...(signal && { signal }) };
    for await (const page of subjectsOf(reader, filter, paced)) {
      const found: string[] = [];
      for (const subject of page.keys()) {
        const token = subject.split('.')[2] ?? '';
        // An aggregate's subjects follow each other, also from one page to the next.
        if (token !== before) found.push(decodeToken('aggregate id', token));
        before = token;
      }
      yield found;
    }
  }

  async function subjectsInAll(signal?: AbortSignal): Promise<number> {
    const doing = 'count its subjects';
    const { state } = await reading(doing, () => api.manager.streams.info(stream), signal);
    return state.num_subjects ?? 0;
  }

  /** However long it takes, as the rest of following does; nothing once the signal has aborted. */
  async function endOf(filters: readonly string[], signal: AbortSignal): Promise<StoredMessage | undefined> {
    if (signal.aborted) return undefined;
    try {
      return await reading('find its last event', () => lookup.lastOf(filters), signal, patient);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  function reading<T>(doing: string, ask: () => Promise<T>, signal?: AbortSignal, pace?: Pace): Promise<T> {
    const askWhileUp = (timeout: number) => link.whileUp(ask(), Date.now() + timeout);
    return untilAnswered(reader, doing, askWhileUp, signal, pace);
  }

  try {
    await identity.check();
  } catch (error) {
    identity.close();
    requests.close();
    link.close();
    throw error;
  }

  return {
    name: stream,
    maxBatch,
    onReplaced: (listener) => identity.onReplaced(listener),
    append: queue.append,
    readAggregate: (aggregate, range) => readAggregate(reader, aggregate, range),
    async revision(aggregate: AggregateRef, signal?: AbortSignal) {
      const { generation } = identity;
      const tail = await reading('find the end of an aggregate', () => lookup.tail(aggregate), signal);
      if (generation === identity.generation) {
        // Whatever replica is asked next, it is known how far the aggregate goes.
        tails.set(layout.aggregateFilter(stream, aggregate), tail);
        identity.saw(tail.sequence);
      }
      return tail.revision;
    },
    read,
    follow,
    latest,
    ids,
    async count(aggregateType) {
      // Here an aggregate is a subject.
      if (layout.name === 'aggregate')
        return countSubjects(reader, layout.typeFilter(stream, aggregateType), await subjectsInAll());
      let count = 0;
      for await (const page of ids(aggregateType)) count += page.length;
      return count;
    },
    async position() {
      const doing = 'find its last position';
      const last = await reading(doing, () => lookup.lastOf(['>']));
      if (last !== undefined) return last.position;
      // Nothing has been appended, or all of it has expired; a replica that is behind may answer this.
      return (await reading(doing, () => api.manager.streams.info(stream))).state.last_seq;
    },
    async close() {
      closing.abort();
      await queue.idle();
      identity.close();
      requests.close();
      link.close();
    },
  };
}

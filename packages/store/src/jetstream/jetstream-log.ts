import { type AggregateRef, decodeToken, type SubjectLayout } from '@pipit/types-registry';
import { LRUCache } from 'lru-cache';
import type { EventLog, LogQuery, StoredBatch } from '../event-log.ts';
import type { AggregateReader } from './aggregate-reader.ts';
import type { JetStreamApi } from './api.ts';
import { appendQueue } from './append-queue.ts';
import { watchLink } from './link.ts';
import { followFrom, readRange } from './ordered-reader.ts';
import { readAggregate } from './read-aggregate.ts';
import { openRequests } from './requests.ts';
import { subjectsOf } from './subject-index.ts';
import { eventLookup, type Tail } from './tail.ts';
import { untilAnswered } from './until-answered.ts';

/** Aggregates whose tails are remembered, about 200 bytes each. */
const rememberedTails = 10_000;
/** The most that an atomic batch may hold (ADR-50). */
const maxBatch = 1_000;

/** A log on one JetStream stream that exists and has been checked. */
export function jetStreamLog(api: JetStreamApi, stream: string, layout: SubjectLayout): EventLog {
  const link = watchLink(api.connection);
  const requests = openRequests(api, link);
  const lookup = eventLookup(api, stream, layout);
  const tails = new LRUCache<string, Tail>({ max: rememberedTails });
  const reader: AggregateReader = { api, link, requests, stream, layout, lookup, tails };
  const queue = appendQueue({
    ...reader,
    store: stream,
    readAggregate: (aggregate) => readAggregate(reader, aggregate),
  });
  const closing = new AbortController();

  function filtersOf(aggregateTypes: readonly string[] | undefined): readonly string[] {
    return aggregateTypes?.map((type) => layout.typeFilter(stream, type)) ?? [layout.streamSubject(stream)];
  }

  async function* read(query: LogQuery): ReturnType<EventLog['read']> {
    const { aggregateTypes, fromPosition = 1, fromTime, signal } = query;
    const filters = filtersOf(aggregateTypes);
    const last = await reading('find the end of what is asked for', () => lookup.lastOf(filters));
    signal?.throwIfAborted();
    if (last === undefined || last.position < fromPosition) return;
    if (fromTime !== undefined && last.storedAt < fromTime) return;
    yield* readRange(reader, { filters, fromPosition, fromTime, toPosition: last.position, signal });
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
    const last = await reading('find its last event', () => lookup.lastOf(filters));
    const head = last?.position ?? 0;
    const tooOld = fromTime !== undefined && last !== undefined && last.storedAt < fromTime;
    const prefixes = aggregateTypes?.map((type) => layout.typeFilter(stream, type).replace(/[*.]+$/, '.'));
    const nothingYet = head < fromPosition || tooOld;
    yield* followFrom(reader, { filters, prefixes, fromPosition, fromTime, head, nothingYet, signal });
  }

  async function* ids(aggregateType: string, signal?: AbortSignal): AsyncGenerator<readonly string[]> {
    const filter = layout.typeFilter(stream, aggregateType);
    let before: string | undefined;
    for await (const page of subjectsOf(reader, filter, signal && { signal })) {
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

  function reading<T>(doing: string, ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return untilAnswered(reader, doing, (timeout) => link.whileUp(ask(), Date.now() + timeout), signal);
  }

  return {
    name: stream,
    maxBatch,
    append: queue.append,
    readAggregate: (aggregate, range) => readAggregate(reader, aggregate, range),
    async revision(aggregate: AggregateRef, signal?: AbortSignal) {
      const tail = await reading('find the end of an aggregate', () => lookup.tail(aggregate), signal);
      // Whatever replica is asked next, it is known how far the aggregate goes.
      tails.set(layout.aggregateFilter(stream, aggregate), tail);
      return tail.revision;
    },
    read,
    follow,
    ids,
    async count(aggregateType) {
      let count = 0;
      for await (const page of ids(aggregateType)) count += page.length;
      return count;
    },
    async position() {
      const { state } = await reading('find its last position', () => api.manager.streams.info(stream));
      return state.last_seq;
    },
    async close() {
      closing.abort();
      await queue.idle();
      requests.close();
      link.close();
    },
  };
}

import { type AggregateRef, PipitError, type StoredMessage, type SubjectLayout } from '@pipit/types-registry';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { Appended, AppendRequest, EventLog, LogQuery, StoredBatch } from '../event-log.ts';
import { ReadFailedError } from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import { append, timedOut } from './append.ts';
import { readSubject } from './direct-batch.ts';
import { watchLink } from './link.ts';
import { followFrom, readRange } from './ordered-reader.ts';
import { eventLookup, type Tail } from './tail.ts';
import { toStoredMessage } from './to-stored-message.ts';

/** Aggregates whose tails are remembered, about 200 bytes each. */
const rememberedTails = 10_000;
/** Batches that this store has open at once; a stream takes 50 of all its clients (ADR-50). */
const openBatches = 32;
/** Milliseconds that a question about the stream may take, reconnecting included. */
const patience = 10_000;

/** A log on one JetStream stream that exists and has been checked. */
export function jetStreamLog(api: JetStreamApi, stream: string, layout: SubjectLayout): EventLog {
  const lookup = eventLookup(api, stream, layout);
  const tails = new LRUCache<string, Tail>({ max: rememberedTails });
  const batches = pLimit(openBatches);
  const lastInLine = new Map<string, Promise<unknown>>();
  const closing = new AbortController();
  const link = watchLink(api.connection);
  const context = { api, link, store: stream, layout, lookup, tails, readAggregate };

  /** Appends of this process to one aggregate wait for each other instead of racing. */
  function appendInLine(request: AppendRequest): Promise<Appended> {
    const key = layout.aggregateFilter(stream, request.aggregate);
    const deadline = Date.now() + request.timeout;
    const before = lastInLine.get(key);
    const appended = before === undefined ? perform(request, deadline) : takeTurn(before, request, deadline);
    const line = Promise.allSettled([before, appended]).then(() => {
      if (lastInLine.get(key) === line) lastInLine.delete(key);
    });
    lastInLine.set(key, line);
    return appended;
  }

  async function takeTurn(
    before: Promise<unknown>,
    request: AppendRequest,
    deadline: number,
  ): Promise<Appended> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(timedOut(request)), Math.max(0, deadline - Date.now()));
    try {
      await Promise.race([before, late]);
    } finally {
      clearTimeout(timer);
    }
    return perform(request, deadline);
  }

  function perform(request: AppendRequest, deadline: number): Promise<Appended> {
    const run = () => append(context, request, deadline);
    return request.drafts.length > 1 ? batches(run) : run();
  }

  async function* readAggregate(aggregate: AggregateRef): AsyncGenerator<StoredMessage> {
    const subject = layout.aggregateFilter(stream, aggregate);
    const known = tails.get(subject);
    let last = 0;
    for await (const raw of readSubject(api, stream, subject)) {
      last = raw.sequence;
      yield toStoredMessage(stream, layout, raw);
    }
    // A replica may be behind what this process itself has appended; the leader is not.
    while (known !== undefined && last < known.sequence) {
      const next = await lookup.firstAfter(aggregate, last);
      if (next === undefined) return;
      last = next.position;
      yield next;
    }
  }

  async function* read({ aggregateTypes, fromPosition = 1 }: LogQuery): AsyncGenerator<StoredMessage> {
    const filters = aggregateTypes?.map((type) => layout.typeFilter(stream, type)) ?? [
      layout.streamSubject(stream),
    ];
    const toPosition = await reading('find the end of what is asked for', () => lookup.lastOf(filters));
    if (toPosition >= fromPosition)
      yield* readRange(api, stream, layout, { filters, fromPosition, toPosition });
  }

  /**
   * Reads the whole stream, whatever is asked for, and leaves out the rest: so that `position` goes on also where
   * nothing fits the query, and who waits for a position learns that it has been passed.
   */
  async function* follow(query: LogQuery & { readonly signal?: AbortSignal }): AsyncGenerator<StoredBatch> {
    const { aggregateTypes, fromPosition = 1 } = query;
    const signal =
      query.signal === undefined ? closing.signal : AbortSignal.any([query.signal, closing.signal]);
    const filter = layout.streamSubject(stream);
    const head = await position();
    const prefixes = aggregateTypes?.map((type) => layout.typeFilter(stream, type).replace(/[*.]+$/, '.'));
    yield* followFrom(api, stream, layout, { filter, prefixes, fromPosition, head, signal });
  }

  async function position(): Promise<number> {
    const { state } = await reading('find its last position', () => api.manager.streams.info(stream));
    return state.last_seq;
  }

  /** Asks again when the connection was lost in between, and gives up when the server itself stays silent. */
  async function reading<T>(doing: string, ask: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + patience;
    for (;;) {
      await link.restored(deadline);
      const lost = link.losses;
      try {
        return await link.whileUp(ask(), deadline);
      } catch (cause) {
        if (cause instanceof PipitError) throw cause;
        if (api.connection.isClosed()) throw closedConnection(api, cause);
        if (link.losses === lost || Date.now() >= deadline) throw new ReadFailedError(stream, doing, cause);
      }
    }
  }

  return {
    name: stream,
    append: appendInLine,
    readAggregate,
    async revision(aggregate) {
      const tail = await reading('find the end of an aggregate', () => lookup.tail(aggregate));
      tails.set(layout.aggregateFilter(stream, aggregate), tail);
      return tail.revision;
    },
    read,
    follow,
    position,
    async close() {
      closing.abort();
      await Promise.allSettled(lastInLine.values());
    },
  };
}

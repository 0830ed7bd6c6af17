import { type AggregateRef, PipitError, type StoredMessage, type SubjectLayout } from '@pipit/types-registry';
import { LRUCache } from 'lru-cache';
import type { Appended, AppendRequest, EventLog, LogQuery, StoredBatch } from '../event-log.ts';
import { ReadFailedError } from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import { append } from './append.ts';
import { readSubject } from './direct-batch.ts';
import { watchLink } from './link.ts';
import { followFrom, readRange } from './ordered-reader.ts';
import { eventLookup, type Tail } from './tail.ts';
import { toStoredMessage } from './to-stored-message.ts';

/** Aggregates whose tails are remembered, about 200 bytes each. */
const rememberedTails = 10_000;

/** A log on one JetStream stream that exists and has been checked. */
export function jetStreamLog(api: JetStreamApi, stream: string, layout: SubjectLayout): EventLog {
  const lookup = eventLookup(api, stream, layout);
  const tails = new LRUCache<string, Tail>({ max: rememberedTails });
  const lastInLine = new Map<string, Promise<unknown>>();
  const closing = new AbortController();
  const context = {
    api,
    link: watchLink(api.connection),
    store: stream,
    layout,
    lookup,
    tails,
    readAggregate,
  };

  /** Appends of this process to one aggregate wait for each other instead of racing. */
  function appendInLine(request: AppendRequest): Promise<Appended> {
    const key = layout.aggregateFilter(stream, request.aggregate);
    const deadline = Date.now() + request.timeout;
    const before = lastInLine.get(key);
    const run = () => append(context, request, deadline);
    const appended = before === undefined ? run() : before.then(run, run);
    lastInLine.set(key, appended);
    const leave = () => {
      if (lastInLine.get(key) === appended) lastInLine.delete(key);
    };
    appended.then(leave, leave);
    return appended;
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
    const toPosition = await reading('find the end of what is asked for', lookup.lastOf(filters));
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
    const wanted = ({ aggregate }: StoredMessage) => aggregateTypes?.includes(aggregate.type) ?? true;
    for await (const batch of followFrom(api, stream, layout, { filter, fromPosition, head, signal })) {
      yield { ...batch, messages: batch.messages.filter(wanted) };
    }
  }

  async function position(): Promise<number> {
    const { state } = await reading('find its last position', api.manager.streams.info(stream));
    return state.last_seq;
  }

  async function reading<T>(doing: string, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      if (cause instanceof PipitError) throw cause;
      throw api.connection.isClosed()
        ? closedConnection(api, cause)
        : new ReadFailedError(stream, doing, cause);
    }
  }

  return {
    name: stream,
    append: appendInLine,
    readAggregate,
    read,
    follow,
    position,
    async close() {
      closing.abort();
      await Promise.allSettled(lastInLine.values());
    },
  };
}

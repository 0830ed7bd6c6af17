import { setTimeout as delay } from 'node:timers/promises';
import {
  type AggregateRef,
  PayloadTooLargeError,
  PipitError,
  readEnvelope,
  type StoredMessage,
  type SubjectLayout,
  TimeoutError,
} from '@pipit/types-registry';
import type { LRUCache } from 'lru-cache';
import type { Appended, AppendRequest } from '../event-log.ts';
import { isExpected } from '../expected-revision.ts';
import {
  AppendInDoubtError,
  AppendRejectedError,
  ConflictError,
  DuplicateEventIdError,
} from '../store-errors.ts';
import { closedConnection, type JetStreamApi } from './api.ts';
import type { Link } from './link.ts';
import { publishGuarded } from './publish.ts';
import { type EventLookup, type Tail, tailOf } from './tail.ts';

/** Milliseconds that one try waits for its answer before the store looks for what became of it. */
const tryTimeout = 2_000;
const firstPause = 10;
const longestPause = 500;

export interface AppendContext {
  readonly api: JetStreamApi;
  readonly link: Link;
  readonly store: string;
  readonly layout: SubjectLayout;
  readonly lookup: EventLookup;
  /** Tails by the aggregate's filter. A stale one costs a round trip, never correctness. */
  readonly tails: LRUCache<string, Tail>;
  readAggregate(aggregate: AggregateRef): AsyncIterable<StoredMessage>;
}

/**
 * The guarded write path. Every try guards on the aggregate's tail, so it lands at most once whatever happens to its
 * answer; where the answer is missing, the leader is asked for the event behind the guard: only the append itself, or
 * an event that beat it for good, can stand there.
 *
 * @param deadline milliseconds since the epoch
 */
export async function append(
  context: AppendContext,
  request: AppendRequest,
  deadline: number,
): Promise<Appended> {
  const { api, link, store, layout, lookup, tails } = context;
  const { aggregate, expected, drafts } = request;
  const key = layout.aggregateFilter(store, aggregate);
  const mustBeNew = expected === 'none' || expected === 0;
  /** The guard of tries that nobody answered. */
  let doubt: Tail | undefined;
  let failure: unknown;

  for (let attempt = 0; ; attempt += 1) {
    if (Date.now() >= deadline || api.connection.isClosed())
      throw givenUp(api, request, doubt !== undefined, failure);
    try {
      await link.restored(deadline);
      const appended = await tryOnce();
      if (appended !== undefined) return appended;
    } catch (error) {
      if (error instanceof PipitError) throw error;
      failure = error;
    }
    const pause = Math.min(firstPause * 2 ** attempt, longestPause) * (0.5 + Math.random() / 2);
    await delay(Math.max(0, Math.min(pause, deadline - Date.now())));
  }

  /** @returns nothing where it has to be tried again */
  async function tryOnce(): Promise<Appended | undefined> {
    if (doubt !== undefined) {
      const next = await inTime(lookup.firstAfter(aggregate, doubt.sequence));
      if (isOurs(next)) return landed(doubt, next.position);
      if (next !== undefined) {
        doubt = undefined;
        tails.delete(key);
      }
    }
    const guard =
      doubt ??
      tails.get(key) ??
      (mustBeNew ? { revision: 0, sequence: 0 } : await inTime(lookup.nearbyTail(aggregate)));
    if (!isExpected(expected, guard.revision)) return confirmConflict();
    const timeout = Math.max(1, Math.min(deadline - Date.now(), tryTimeout));
    const outcome = await publishGuarded(api.connection, link, store, layout, request, guard, timeout);
    switch (outcome.kind) {
      case 'stored':
        return landed(guard, outcome.sequence - drafts.length + 1);
      case 'refused':
      case 'duplicate': {
        const next = await inTime(lookup.firstAfter(aggregate, guard.sequence));
        if (isOurs(next)) return landed(guard, next.position);
        doubt = undefined;
        return outcome.kind === 'refused' ? confirmConflict() : repetition(outcome.sequence);
      }
      case 'too-large': {
        const { config } = await inTime(api.manager.streams.info(store));
        const types = drafts.map(({ type }) => type).join(', ');
        throw new PayloadTooLargeError(types, outcome.size, config.max_msg_size);
      }
      case 'in-doubt':
        doubt = guard;
        failure = outcome.cause;
        return undefined;
      case 'try-again':
        failure = outcome.cause;
        return undefined;
    }
  }

  /** A lookup has no deadline of its own; one that comes late is left alone. */
  function inTime<T>(looking: Promise<T>): Promise<T> {
    return link.whileUp(looking, deadline);
  }

  function isOurs(message: StoredMessage | undefined): message is StoredMessage {
    return message !== undefined && readEnvelope(message).id === drafts[0]?.id;
  }

  function landed(guard: Tail, firstSequence: number): Appended {
    const tail = { revision: guard.revision + drafts.length, sequence: firstSequence + drafts.length - 1 };
    tails.set(key, tail);
    return { revision: tail.revision, positions: drafts.map((_, index) => firstSequence + index) };
  }

  /** The guard may have come from a replica that is behind: a conflict is one when the leader says so. */
  async function confirmConflict(): Promise<Appended | undefined> {
    const actual = await refreshTail();
    if (isExpected(expected, actual.revision)) return undefined;
    const repeated = request.mayRepeat ? await findRepetition(context, request) : undefined;
    if (repeated === undefined) throw new ConflictError(aggregate, expected, actual.revision);
    return repeated;
  }

  /** The server remembers an id: this is the same append again, or the id was used for something else. */
  async function repetition(sequence: number | undefined): Promise<Appended> {
    const stored = sequence === undefined ? undefined : await inTime(lookup.at(sequence));
    if (isOurs(stored) && drafts.length === 1 && isOf(stored, aggregate)) {
      return { revision: tailOf(stored).revision, positions: [stored.position] };
    }
    await refreshTail();
    const repeated = await findRepetition(context, request);
    if (repeated !== undefined) return repeated;
    throw new DuplicateEventIdError(aggregate, idsOf(request));
  }

  async function refreshTail(): Promise<Tail> {
    const actual = await inTime(lookup.tail(aggregate));
    tails.set(key, actual);
    return actual;
  }
}

/** Looks through the aggregate for events with exactly these ids in a row. Rare, so it may read all of it. */
async function findRepetition(context: AppendContext, request: AppendRequest): Promise<Appended | undefined> {
  const ids = idsOf(request);
  const positions: number[] = [];
  for await (const message of context.readAggregate(request.aggregate)) {
    const { id, revision } = readEnvelope(message);
    if (id === ids[positions.length]) positions.push(message.position);
    else if (positions.length > 0) return undefined;
    if (positions.length === ids.length) return { revision, positions };
  }
  return undefined;
}

function givenUp(api: JetStreamApi, request: AppendRequest, inDoubt: boolean, failure: unknown): Error {
  const closed = api.connection.isClosed();
  if (inDoubt)
    return new AppendInDoubtError(
      request.aggregate,
      idsOf(request),
      closed ? closedConnection(api, failure) : failure,
    );
  if (closed) return closedConnection(api, failure);
  if (failure instanceof AppendRejectedError) return failure;
  return new TimeoutError({
    operation: `Appending to ${request.aggregate.type} ${JSON.stringify(request.aggregate.id)}`,
    timeout: request.timeout,
    advice:
      'Nothing was written. Check that the server is up and has a leader, or give the append a longer timeout.',
    cause: failure,
  });
}

function idsOf({ drafts }: AppendRequest): readonly string[] {
  return drafts.map(({ id }) => id);
}

function isOf(message: StoredMessage, aggregate: AggregateRef): boolean {
  return message.aggregate.type === aggregate.type && message.aggregate.id === aggregate.id;
}

import { setTimeout as delay } from 'node:timers/promises';
import {
  type AggregateRef,
  type Envelope,
  type EventDraft,
  PayloadTooLargeError,
  PipitError,
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
import { type EventLookup, envelopeOf, type Tail } from './tail.ts';

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
  let failures = 0;
  let incomplete = 0;

  for (;;) {
    if (Date.now() >= deadline || api.connection.isClosed()) {
      throw givenUp(api, request, doubt !== undefined, failure);
    }
    const before = failure;
    try {
      await link.restored(deadline);
      const appended = await tryOnce();
      if (appended !== undefined) return appended;
    } catch (error) {
      // A refusal of a second try says nothing about the first one, which may still be stored.
      const unsettled = doubt !== undefined && isRefusal(error);
      if (error instanceof PipitError && !unsettled) throw error;
      failure = error;
    }
    // Who lost a race tries again at once, or would lose the next one to those who never pause.
    const lostRace = failure === before;
    if (!lostRace) failures += 1;
    const pause = lostRace ? Math.random() * 5 : Math.min(firstPause * 2 ** failures, longestPause);
    await delay(Math.max(0, Math.min(pause * (0.5 + Math.random() / 2), deadline - Date.now())));
  }

  /** @returns nothing where it has to be tried again */
  async function tryOnce(): Promise<Appended | undefined> {
    if (doubt !== undefined) {
      const found = await behind(doubt);
      if (typeof found === 'object') return found;
      if (found === 'others') {
        doubt = undefined;
        tails.delete(key);
      }
    }
    const guard =
      doubt ??
      tails.get(key) ??
      (mustBeNew ? { revision: 0, sequence: 0 } : await inTime(lookup.nearbyTail(aggregate)));
    if (!isExpected(expected, guard.revision)) return confirmConflict();
    const timeout = Math.max(1, Math.min(deadline - Date.now(), tryTimeout * 2 ** failures));
    const outcome = await publishGuarded(api.connection, link, store, layout, request, guard, timeout);
    switch (outcome.kind) {
      case 'stored':
        return landed(guard, outcome.sequence - drafts.length + 1);
      case 'refused':
      case 'duplicate': {
        const found = await behind(guard);
        if (typeof found === 'object') return found;
        doubt = undefined;
        return outcome.kind === 'refused' ? confirmConflict() : repetition();
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
      case 'incomplete':
        // Lost on the way, or refused by the server for a reason that it tells nobody; the latter does not pass.
        incomplete += 1;
        failure = outcome.cause;
        if (incomplete > 3) throw outcome.cause;
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

  /** What stands behind the guard of a try, on the leader: this append, another writer's event, or nothing yet. */
  async function behind(guard: Tail): Promise<Appended | 'others' | 'nothing'> {
    const next = await inTime(lookup.firstAfter(aggregate, guard.sequence));
    if (next === undefined) return 'nothing';
    if (envelopeOf(next).id !== drafts[0]?.id) return 'others';
    await refreshTail();
    return (await findRepetition(context, request, next)) ?? 'others';
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
  async function repetition(): Promise<Appended> {
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

/**
 * Looks for exactly these events in a row. Rare, so it may read the whole aggregate.
 *
 * @param first where they begin, if that is known and they are one
 * @throws DuplicateEventIdError where an id stands at another event
 */
async function findRepetition(
  context: AppendContext,
  request: AppendRequest,
  first?: StoredMessage,
): Promise<Appended | undefined> {
  const { aggregate, drafts } = request;
  const found: StoredMessage[] = [];
  const candidates = first !== undefined && drafts.length === 1 ? [first] : context.readAggregate(aggregate);
  for await (const message of candidates) {
    const envelope = envelopeOf(message);
    const draft = drafts[found.length];
    if (envelope.id !== draft?.id) {
      if (found.length > 0) return undefined;
      continue;
    }
    if (!isSameEvent(envelope, draft)) throw new DuplicateEventIdError(aggregate, idsOf(request));
    found.push(message);
    if (found.length < drafts.length) continue;
    return { revision: envelope.revision, positions: found.map(({ position }) => position), stored: found };
  }
  return undefined;
}

function isSameEvent({ type, payload }: Envelope, draft: EventDraft): boolean {
  return type === draft.type && Buffer.compare(payload.bytes, draft.payload.bytes) === 0;
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppendRejectedError || error instanceof PayloadTooLargeError;
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
  return timedOut(request, failure);
}

export function timedOut({ aggregate, timeout }: AppendRequest, cause?: unknown): TimeoutError {
  return new TimeoutError({
    operation: `Appending to ${aggregate.type} ${JSON.stringify(aggregate.id)}`,
    timeout,
    advice:
      'Nothing was written. Check that the server is up and has a leader, or give the append a longer timeout.',
    cause,
  });
}

function idsOf({ drafts }: AppendRequest): readonly string[] {
  return drafts.map(({ id }) => id);
}

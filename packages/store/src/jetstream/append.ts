import { setTimeout as delay } from 'node:timers/promises';
import { PipitError, type StoredMessage, type SubjectLayout } from '@pipit/types-registry';
import type { LRUCache } from 'lru-cache';
import type { AggregateRange, Appended, AppendedPart, AppendRequest } from '../event-log.ts';
import { isExpected } from '../expected-revision.ts';
import { ConflictError } from '../store-errors.ts';
import type { JetStreamApi } from './api.ts';
import { duplicateId, givenUp, isRefusal } from './append-failures.ts';
import type { Link } from './link.ts';
import { outgoing, type PreparedPart, preparePart } from './outgoing.ts';
import { checkSizes, type PublishOutcome, publishGuarded } from './publish.ts';
import { findRepetition } from './repetition.ts';
import type { Requests } from './requests.ts';
import { type EventLookup, envelopeOf, type Tail } from './tail.ts';

/** Milliseconds that one try waits for its answer before the store looks for what became of it. */
const tryTimeout = 2_000;
const firstPause = 10;
const longestPause = 500;

export interface AppendContext {
  readonly api: JetStreamApi;
  readonly link: Link;
  readonly requests: Requests;
  readonly store: string;
  readonly layout: SubjectLayout;
  readonly lookup: EventLookup;
  /** Tails by the aggregate's filter. A stale one costs a round trip, never correctness. */
  readonly tails: LRUCache<string, Tail>;
  readAggregate(
    aggregate: AppendRequest['parts'][number]['aggregate'],
    range?: AggregateRange,
  ): AsyncIterable<readonly StoredMessage[]>;
}

/**
 * The guarded write path. Every try guards on the tails of its aggregates, so it lands at most once whatever happens to
 * its answer; where the answer is missing, the leader is asked for the event behind the guard: only the append itself,
 * or an event that beat it for good, can stand there.
 *
 * @param deadline milliseconds since the epoch
 */
export async function append(
  context: AppendContext,
  request: AppendRequest,
  deadline: number,
): Promise<Appended> {
  const { api, link, requests, store, layout, lookup, tails } = context;
  const parts = request.parts.map((part) => preparePart(store, layout, part));
  const [first] = parts as [PreparedPart];
  const types = parts.flatMap(({ events }) => events.map(({ type }) => type));
  /** The guards of tries that nobody answered. */
  let doubt: readonly Tail[] | undefined;
  let failure: unknown;
  let failures = 0;
  let incomplete = 0;

  for (;;) {
    if (Date.now() >= deadline || api.connection.isClosed()) {
      throw givenUp(api, request, doubt !== undefined, failure);
    }
    const before = failure;
    try {
      if (!link.up) await link.restored(deadline);
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
        for (const { filter } of parts) tails.delete(filter);
      }
    }
    const guards = doubt ?? knownTails() ?? (await Promise.all(parts.map(tailOf)));
    if (!parts.every(({ expected }, index) => isExpected(expected, guards[index]?.revision ?? 0))) {
      return confirmConflict();
    }
    const messages = outgoing(layout, parts, guards);
    checkSizes(messages, types, api.connection.info?.max_payload ?? Infinity);
    const timeout = Math.max(1, Math.min(deadline - Date.now(), tryTimeout * 2 ** failures));
    const outcome = await publishGuarded(requests, first.aggregate, messages, timeout);
    if (outcome.kind === 'stored') return landed(guards, outcome.sequence - messages.length + 1);
    return settle(outcome, guards, async () => {
      const { config } = await inTime(api.manager.streams.info(store));
      if (config.max_msg_size > 0) checkSizes(messages, types, config.max_msg_size);
    });
  }

  async function settle(
    outcome: Exclude<PublishOutcome, { kind: 'stored' }>,
    guards: readonly Tail[],
    checkLimitOfStream: () => Promise<void>,
  ): Promise<Appended | undefined> {
    switch (outcome.kind) {
      case 'refused':
      case 'duplicate': {
        const found = await behind(guards);
        if (typeof found === 'object') return found;
        doubt = undefined;
        return outcome.kind === 'refused' ? confirmConflict() : repetition();
      }
      case 'too-large':
        await checkLimitOfStream();
        throw outcome.cause;
      case 'in-doubt':
        doubt = guards;
        failure = outcome.cause;
        return undefined;
      case 'incomplete':
        // Lost on the way, or refused by the server for a reason that it tells nobody; the latter does not pass.
        await checkLimitOfStream();
        incomplete += 1;
        failure = outcome.cause;
        if (incomplete > 3) throw outcome.cause;
        return undefined;
      case 'try-again':
        failure = outcome.cause;
        return undefined;
    }
  }

  function knownTails(): readonly Tail[] | undefined {
    const known: Tail[] = [];
    for (const { filter, expected } of parts) {
      const tail =
        tails.get(filter) ??
        (expected === 'none' || expected === 0 ? { revision: 0, sequence: 0 } : undefined);
      if (tail === undefined) return undefined;
      known.push(tail);
    }
    return known;
  }

  async function tailOf({ filter, aggregate }: PreparedPart): Promise<Tail> {
    return tails.get(filter) ?? (await inTime(lookup.nearbyTail(aggregate)));
  }

  /** A lookup has no deadline of its own; one that comes late is left alone. */
  function inTime<T>(looking: Promise<T>): Promise<T> {
    return link.whileUp(looking, deadline);
  }

  /**
   * What stands behind the guard of a try, on the leader: this append, another writer's event, or nothing yet. All parts
   * land or none, so the first one tells for all.
   */
  async function behind(guards: readonly Tail[]): Promise<Appended | 'others' | 'nothing'> {
    const next = await inTime(lookup.firstAfter(first.aggregate, guards[0]?.sequence ?? 0));
    if (next === undefined) return 'nothing';
    if (envelopeOf(next).id !== first.drafts[0]?.id) return 'others';
    await refreshTails();
    return (await findRepetition(context, request, next)) ?? 'others';
  }

  function landed(guards: readonly Tail[], firstSequence: number): Appended {
    let sequence = firstSequence;
    const landedParts = parts.map(({ filter, drafts }, index): AppendedPart => {
      const positions = drafts.map(() => sequence++);
      const tail = { revision: (guards[index]?.revision ?? 0) + drafts.length, sequence: sequence - 1 };
      tails.set(filter, tail);
      return { revision: tail.revision, positions };
    });
    return { parts: landedParts };
  }

  /** The guard may have come from a replica that is behind: a conflict is one when the leader says so. */
  async function confirmConflict(): Promise<Appended | undefined> {
    const actual = await refreshTails();
    const conflict = parts.findIndex(
      ({ expected }, index) => !isExpected(expected, actual[index]?.revision ?? 0),
    );
    const part = parts[conflict];
    if (part === undefined) return undefined;
    const repeated = request.mayRepeat ? await findRepetition(context, request) : undefined;
    if (repeated === undefined) {
      throw new ConflictError(part.aggregate, part.expected, actual[conflict]?.revision ?? 0);
    }
    return repeated;
  }

  /** The server remembers an id: this is the same append again, or the id was used for something else. */
  async function repetition(): Promise<Appended> {
    await refreshTails();
    const repeated = await findRepetition(context, request);
    if (repeated !== undefined) return repeated;
    throw duplicateId(request);
  }

  async function refreshTails(): Promise<readonly Tail[]> {
    return Promise.all(
      parts.map(async ({ filter, aggregate }) => {
        const actual = await inTime(lookup.tail(aggregate));
        tails.set(filter, actual);
        return actual;
      }),
    );
  }
}

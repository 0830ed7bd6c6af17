import { setTimeout as delay } from 'node:timers/promises';
import { namedAggregate } from '../append/named-part.ts';
import type { Appended } from '../event-log.ts';
import { isExpected } from '../expected-revision.ts';
import { AppendRejectedError, ConflictError } from '../store-errors.ts';
import type { AppendContext } from './append-context.ts';
import { duplicateId, givenUp, isFinal } from './append-failures.ts';
import { holds, knownTails, revisionOf, sendable } from './guards.ts';
import { landed, sending } from './landed.ts';
import { outgoing, type PreparedAppend, type PreparedPart } from './outgoing.ts';
import { permissionViolation } from './permission.ts';
import { checkSizes, type PublishOutcome, publishGuarded } from './publish.ts';
import { findRepetition } from './repetition.ts';
import { envelopeOf, type Tail } from './tail.ts';

/** Milliseconds that a first try waits for its answer before the store looks for what became of it. */
export const tryTimeout = 2_000;
const firstLookTimeout = 1_000;
const firstPause = 10;
const longestPause = 500;

/** A try that did not end well. */
export interface FailedTry {
  readonly guards: readonly Tail[];
  readonly outcome: Exclude<PublishOutcome, { kind: 'stored' }>;
}

/** Tries until the append is stored, refused for good, or its time is up. */
export async function untilAppended(
  context: AppendContext,
  request: PreparedAppend,
  firstTry?: FailedTry,
): Promise<Appended> {
  const { api, link, requests, store, lookup, tails, identity } = context;
  const { parts, deadline } = request;
  const [first] = parts;
  let { generation } = identity;
  let failed = firstTry;
  /** The guards of tries that nobody answered. */
  let doubt: readonly Tail[] | undefined;
  let failure: unknown;
  let failures = 0;
  /** Milliseconds that the next try waits for its answer. */
  let timeout = tryTimeout;
  /** Milliseconds that the next look for what became of it waits. */
  let lookTimeout = firstLookTimeout;
  let incomplete = 0;

  for (;;) {
    const before = failure;
    try {
      const appended = await tryOnce();
      if (appended !== undefined) return appended;
    } catch (error) {
      if (isFinal(error, doubt !== undefined)) throw error;
      const forbidden = permissionViolation(error);
      if (forbidden !== undefined && doubt === undefined)
        throw new AppendRejectedError(namedAggregate(parts), 403, forbidden.message);
      failure = error;
    }
    if (Date.now() >= deadline || api.connection.isClosed()) {
      throw givenUp(api, request, doubt !== undefined, failure);
    }
    // Who lost a race tries again at once, or would lose the next one to those who never pause.
    const lostRace = failure === before;
    if (!lostRace) failures += 1;
    const pause = lostRace ? Math.random() * 5 : Math.min(firstPause * 2 ** failures, longestPause);
    await delay(Math.max(0, Math.min(pause * (0.5 + Math.random() / 2), deadline - Date.now())));
  }

  /** @returns nothing where it has to be tried again */
  async function tryOnce(): Promise<Appended | undefined> {
    if (failed !== undefined) {
      const { guards, outcome } = failed;
      failed = undefined;
      return afterFailure(outcome, guards);
    }
    if (!link.up) await link.restored(deadline);
    // What is published into a lost connection is dropped, and would leave a doubt for nothing.
    if (!link.up) throw givenUp(api, request, doubt !== undefined, failure);
    if (!identity.sure) await inTime(identity.check());
    if (identity.generation !== generation) await checkStillMeant();
    if (doubt !== undefined) {
      const found = await behind(doubt);
      if (typeof found === 'object') return found;
      if (found === 'others') {
        doubt = undefined;
        for (const { filter } of parts) tails.delete(filter);
      }
    }
    const guards = doubt ?? knownTails(tails, parts) ?? (await Promise.all(parts.map(tailOf)));
    if (!holds(parts, guards)) return confirmConflict();
    const messages = sendable(context, parts, guards);
    const given = Math.min(deadline - Date.now(), timeout);
    if (given <= 0) throw givenUp(api, request, doubt !== undefined, failure);
    const sent = sending(identity);
    const outcome = await publishGuarded(requests, namedAggregate(parts), messages, given);
    // Only silence asks for more patience: what failed at once may be answered by the next leader at once.
    if (outcome.kind === 'in-doubt' && Date.now() - sent.at >= given) timeout *= 2;
    if (outcome.kind === 'stored') {
      return landed(context, parts, guards, outcome.sequence - messages.length + 1, sent);
    }
    return afterFailure(outcome, guards);
  }

  async function afterFailure(
    outcome: FailedTry['outcome'],
    guards: readonly Tail[],
  ): Promise<Appended | undefined> {
    switch (outcome.kind) {
      case 'refused':
      case 'duplicate': {
        // It may be an earlier try, which nobody answered, that stands in the way.
        const found = doubt === undefined ? 'others' : await behind(doubt);
        if (typeof found === 'object') return found;
        doubt = undefined;
        return outcome.kind === 'refused' ? confirmConflict() : repetition();
      }
      case 'too-large':
        await checkLimitOfStream(guards);
        throw outcome.cause;
      case 'in-doubt':
        doubt = guards;
        failure = outcome.cause;
        return undefined;
      case 'incomplete':
        // Lost on the way, or refused by the server for a reason that it tells nobody; the latter does not pass.
        await checkLimitOfStream(guards);
        incomplete += 1;
        failure = outcome.cause;
        if (incomplete > 3) throw outcome.cause;
        return undefined;
      case 'try-again':
        failure = outcome.cause;
        return undefined;
    }
  }

  /** The stream is another one than when the append was called for: a number, or a try, belongs to the one before. */
  async function checkStillMeant(): Promise<void> {
    if (doubt !== undefined) throw givenUp(api, request, true, new Error('the stream was replaced'));
    const part = parts.find(({ expected }) => typeof expected === 'number' && expected > 0);
    if (part !== undefined) {
      const { revision } = await inTime(lookup.tail(part.aggregate));
      throw new ConflictError(part.aggregate, part.expected, revision);
    }
    ({ generation } = identity);
  }

  async function tailOf({ filter, aggregate }: PreparedPart): Promise<Tail> {
    const known = tails.get(filter);
    if (known !== undefined) return known;
    const tail = await inTime(lookup.nearbyTail(aggregate));
    identity.saw(tail.sequence);
    return tail;
  }

  /** Where the leader changes a question may never be answered, and is asked again; an answer that comes late is left alone. */
  async function inTime<T>(looking: Promise<T>): Promise<T> {
    const until = Math.min(deadline, Date.now() + lookTimeout);
    try {
      return await link.whileUp(looking, until);
    } catch (error) {
      if (Date.now() >= until) lookTimeout *= 2;
      throw error;
    }
  }

  async function checkLimitOfStream(guards: readonly Tail[]): Promise<void> {
    const { config } = await inTime(api.manager.streams.info(store));
    const limit = config.max_msg_size;
    if (limit > 0) checkSizes(outgoing(context.layout, parts, guards), limit);
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

  /** The guard may have come from a replica that is behind: a conflict is one when the leader says so. */
  async function confirmConflict(): Promise<Appended | undefined> {
    const [actual] = await Promise.all([refreshTails(), inTime(identity.checkLately())]);
    if (identity.generation !== generation) await checkStillMeant();
    const conflict = parts.findIndex(
      ({ expected }, index) => !isExpected(expected, revisionOf(actual, index)),
    );
    const part = parts[conflict];
    if (part === undefined) return undefined;
    const repeated = request.mayRepeat ? await findRepetition(context, request) : undefined;
    if (repeated === undefined) {
      throw new ConflictError(part.aggregate, part.expected, revisionOf(actual, conflict));
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
        const asked = identity.generation;
        const actual = await inTime(lookup.tail(aggregate));
        if (asked === identity.generation) {
          tails.set(filter, actual);
          identity.saw(actual.sequence);
        }
        return actual;
      }),
    );
  }
}

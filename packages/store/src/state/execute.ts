import {
  type AggregateRef,
  defineRegistry,
  type Message,
  type NewEvent,
  type RecordedEvent,
  readEnvelope,
  TimeoutError,
} from '@pipit/types-registry';
import type { Aggregate, Decision } from '../aggregate.ts';
import { type AppendingContext, appendChanges, checkTimeout, type Draft } from '../append/append-events.ts';
import { givenItems, type Item } from '../append/given-items.ts';
import { recordedEvent } from '../append/recorded-event.ts';
import { isKeyChange, isKeyType } from '../append/unique-key.ts';
import { unanswered, untilDeadline } from '../append/until-deadline.ts';
import { checkWhole } from '../argument-checks.ts';
import type { AppendResult, DecisionContext, ExecuteOptions, ExecuteResult } from '../event-store.ts';
import { checkExpected, type ExpectedRevision, isExpected } from '../expected-revision.ts';
import { ConflictError } from '../store-errors.ts';
import { EvolveFailedError } from './evolve.ts';
import { foldFrozen, foldStored } from './fold-frozen.ts';
import { type LoadContext, load } from './load.ts';
import type { KnownState } from './snapshot-format.ts';

const defaultRetries = 5;

export type Decide = (state: unknown, context: DecisionContext) => Decision;
type Items = readonly Item[];

interface TimedOptions extends ExecuteOptions {
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * Loads, decides and appends. A warm state is tried without reading first: the guard of the append proves that it was
 * current. Where nothing is appended there is no such proof, so the log is asked for the revision before the decision
 * counts.
 */
export async function execute(
  context: LoadContext & AppendingContext,
  aggregate: Aggregate,
  ref: AggregateRef,
  decide: Decide,
  { expected = 'any', retries = defaultRetries, timeout, deadline }: TimedOptions,
): Promise<ExecuteResult<unknown, RecordedEvent>> {
  checkExpected(expected);
  checkTimeout(timeout);
  checkWhole('retries', retries, 0);
  const { log, warm } = context;
  // Others of this process may have decided for that long before it.
  if (Date.now() >= deadline) {
    const operation = `Executing on ${ref.type} ${JSON.stringify(ref.id)}`;
    throw new TimeoutError({ operation, timeout, advice: unanswered });
  }
  let conflicts = 0;
  let unproved = warmState();
  for (;;) {
    const current: KnownState = unproved ?? (await loadInTime());
    const isUnproved = unproved !== undefined;
    unproved = undefined;
    if (!isExpected(expected, current.revision)) {
      if (isUnproved) continue;
      // What was loaded may be older than what the caller acted upon: a conflict is one when the log confirms it.
      const actual = await inTime((signal) => log.revision(ref, signal));
      if (conflicts > retries || actual === current.revision || !isExpected(expected, actual))
        throw new ConflictError(ref, expected, actual);
      conflicts += 1;
      continue;
    }
    let items: Items;
    try {
      items = givenItems('decision', decide(current.state, { aggregate: ref, revision: current.revision }));
    } catch (error) {
      if (await isOutdated(current)) continue;
      throw error;
    }
    if (items.length === 0) {
      if (await isOutdated(current)) continue;
      return { ...publicPart(current), events: [] };
    }
    try {
      return await appendTo(current, items);
    } catch (error) {
      const isRehearsal = error instanceof EvolveFailedError && error.position === undefined;
      if (isRehearsal && (await isOutdated(current))) continue;
      // It is in the state already, where it may not fit once more, and will not be stored once more.
      if (isRehearsal && (await isRepetition(items))) return await appendTo(current, items, false);
      if (!(error instanceof ConflictError) || isKeyType(error.aggregate.type)) throw error;
      warm.outdated(ref);
      if (isUnproved) continue;
      if (typeof expected === 'number' || conflicts >= retries) throw conflictFor(error, expected, retries);
      conflicts += 1;
    }
  }

  function warmState(): KnownState | undefined {
    const known = warm.get(ref);
    return known?.latest === true && isExpected(expected, known.revision) ? known : undefined;
  }

  async function inTime<T>(work: (signal: AbortSignal) => Promise<T>, advice = unanswered): Promise<T> {
    const operation = `Executing on ${ref.type} ${JSON.stringify(ref.id)}`;
    return untilDeadline({ at: deadline, timeout, operation, advice }, work);
  }

  /** Also what was just loaded may come from a replica that is behind. */
  async function isOutdated({ revision }: KnownState): Promise<boolean> {
    const isLatest = (await inTime((signal) => log.revision(ref, signal))) === revision;
    if (!isLatest) warm.outdated(ref);
    return !isLatest;
  }

  async function loadInTime(): Promise<KnownState> {
    return inTime((signal) => load(context, aggregate, ref, { signal }));
  }

  async function isRepetition(items: Items): Promise<boolean> {
    const first = items.find((item) => !isKeyChange(item)) as NewEvent | undefined;
    if (first?.id === undefined) return false;
    return inTime(async (signal) => {
      for await (const messages of log.readAggregate(ref, { signal }))
        if (messages.some((message) => readEnvelope(message).id === first.id)) return true;
      return false;
    });
  }

  async function appendTo(
    current: KnownState,
    items: Items,
    isRehearsed = true,
  ): Promise<ExecuteResult<unknown, RecordedEvent>> {
    let rehearsed = current.state;
    const change = { aggregate, ref, items, expected: current.revision, ...(isRehearsed && { rehearse }) };
    const [appended] = await appendChanges(context, [change], Math.max(1, deadline - Date.now()));
    const { revision, events, position } = appended as AppendResult<RecordedEvent>;
    if (revision !== current.revision + events.length) {
      // A repetition: its events are in the loaded state already.
      const advice = 'The events had been stored before; only the state could not be read in time.';
      const range = { toRevision: revision };
      const { state } = await inTime((signal) => load(context, aggregate, ref, { ...range, signal }), advice);
      return { revision, position, events, state };
    }
    const state = foldStored(aggregate, current.state, events, rehearsed);
    const known = { state, revision, position, eventId: events.at(-1)?.id ?? '' };
    warm.set(ref, { ...known, latest: true });
    context.snapshots.consider(aggregate, ref, known, { events: 0, milliseconds: 0 });
    return { ...publicPart(known), events };

    /** Events that evolve cannot take would make an aggregate that nobody can load. Their positions are a guess. */
    function rehearse(drafts: readonly Draft[]): void {
      const events = drafts.map((draft, index) =>
        recordedEvent(draft, {
          store: log.name,
          aggregate: ref,
          revision: current.revision + index + 1,
          position: current.position + index + 1,
        }),
      );
      rehearsed = foldFrozen(aggregate, current.state, events, false);
    }
  }
}

function publicPart({ state, revision, position }: KnownState) {
  return { state, revision, position };
}

/** What the caller expected, rather than what this try was guarded on; or that it was tried as often as allowed. */
function conflictFor(conflict: ConflictError, expected: ExpectedRevision, retries: number): ConflictError {
  const { aggregate, actual } = conflict;
  if (!isExpected(expected, actual)) return new ConflictError(aggregate, expected, actual);
  return new ConflictError(aggregate, conflict.expected, actual, retries);
}

/** A command is validated once, and decided by its aggregate. */
export function commandDecider(aggregate: Aggregate, message: Message): Decide {
  const { commands } = defineRegistry({ commands: aggregate.commands });
  const { data } = commands.encode(message.type, message.data as never);
  return (state) => aggregate.decide({ type: message.type, data } as never, state);
}

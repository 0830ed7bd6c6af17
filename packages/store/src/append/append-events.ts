import {
  type AggregateRef,
  decodeEvent,
  type NewEvent,
  type RecordedEvent,
  TimeoutError,
} from '@pipit/types-registry';
import type { Aggregate } from '../aggregate.ts';
import type { AppendedPart, AppendPart, EventLog } from '../event-log.ts';
import type { AppendResult } from '../event-store.ts';
import { checkExpected, type ExpectedRevision } from '../expected-revision.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';
import { ConflictError } from '../store-errors.ts';
import type { AroundAppend } from './around-append.ts';
import { checkTogether, eventsOf } from './check-changes.ts';
import { type DraftContext, draftEvent } from './draft-event.ts';
import { heldKeys } from './held-keys.ts';
import { recordedEvent } from './recorded-event.ts';
import { isKeyChange, isKeyType, type KeyChange } from './unique-key.ts';
import { keyParts } from './unique-key-parts.ts';
import { unanswered, untilDeadline } from './until-deadline.ts';

export interface AppendingContext {
  readonly log: EventLog;
  readonly drafting: DraftContext;
  /** Told of what every append has stored; must not throw. */
  readonly onAppended?: ((events: readonly RecordedEvent[]) => void) | undefined;
  readonly aroundAppend?: AroundAppend | undefined;
}

/** A change to one aggregate, as the user gives it. */
export interface GivenChange {
  readonly aggregate: Aggregate;
  readonly ref: AggregateRef;
  readonly items: readonly (NewEvent | KeyChange)[];
  readonly expected: ExpectedRevision;
  /** Sees what will be stored, before it is. What it throws, the append fails with, and nothing is written. */
  readonly rehearse?: (drafts: readonly Draft[]) => void;
}

export type Draft = ReturnType<typeof draftEvent>;

interface DraftedPart extends AppendPart {
  readonly drafts: readonly Draft[];
}

interface DraftedChange {
  readonly part: DraftedPart;
  readonly keys: readonly KeyChange[];
}

/**
 * Validates everything, then appends all of it or nothing; keys are looked up, and guarded like any aggregate.
 *
 * @throws what cannot be written at all, at once: call it where that becomes a rejection
 */
export function appendChanges(
  context: AppendingContext,
  changes: readonly GivenChange[],
  timeout: number,
): Promise<readonly AppendResult<RecordedEvent>[]> {
  const { aroundAppend } = context;
  if (aroundAppend === undefined) return append(context, changes, timeout);
  const pending = changes.map(({ ref, items }) => ({ aggregate: ref, events: eventsOf(items).length }));
  return aroundAppend(pending, async () => append(context, changes, timeout));
}

function append(
  context: AppendingContext,
  changes: readonly GivenChange[],
  timeout: number,
): Promise<readonly AppendResult<RecordedEvent>[]> {
  const { log, drafting } = context;
  checkTimeout(timeout);
  const drafted = changes.map((change) => draftChange(drafting, change));
  if (changes.length > 1 || (changes[0]?.items.length ?? 0) > 1) checkTogether(drafted, log.maxBatch);
  for (const [index, { rehearse }] of changes.entries()) rehearse?.(drafted[index]?.part.drafts ?? []);
  const mayRepeat = changes.some(({ items }) =>
    items.some((item) => !isKeyChange(item) && item.id !== undefined),
  );
  if (drafted.some(({ keys }) => keys.length > 0))
    return appendWithKeys(context, drafted, mayRepeat, timeout);
  const parts = drafted.map(({ part }) => part);
  return log
    .append({ parts, mayRepeat, timeout })
    .then((appended) => resultsOf(context, parts, appended.parts));
}

async function appendWithKeys(
  context: AppendingContext,
  changes: readonly DraftedChange[],
  mayRepeat: boolean,
  timeout: number,
): Promise<readonly AppendResult<RecordedEvent>[]> {
  const { log, drafting } = context;
  const parts = changes.map(({ part }) => part);
  const held = heldKeys(changes);
  const deadline = Date.now() + timeout;
  // Most keys are new: only where that turns out wrong is it looked who holds them.
  for (let lookFirst = false; ; lookFirst = true) {
    const looking = { at: deadline, timeout, operation: 'Looking up unique keys', advice: unanswered };
    const keys = await untilDeadline(looking, (signal) => keyParts(log, drafting, held, lookFirst, signal));
    const taken = keys.find((key) => key.taken !== undefined)?.taken;
    // What somebody else holds now may have been stored before he got it.
    if (taken !== undefined && !mayRepeat) throw taken;
    try {
      // The keys come first, so that the last position is always one of an event.
      const request = { parts: [...keys, ...parts], mayRepeat, timeout: Math.max(1, deadline - Date.now()) };
      const appended = await log.append(request);
      return resultsOf(context, parts, appended.parts.slice(keys.length));
    } catch (error) {
      if (!(error instanceof ConflictError && isKeyType(error.aggregate.type))) throw error;
      if (taken !== undefined) throw taken;
      if (Date.now() < deadline) continue;
      const advice = 'Nothing was written: others keep changing the same unique keys. Try again.';
      throw new TimeoutError({ operation: 'Appending with unique keys', timeout, advice, cause: error });
    }
  }
}

function resultsOf(
  { log, drafting, onAppended }: AppendingContext,
  parts: readonly DraftedPart[],
  appended: readonly AppendedPart[],
): readonly AppendResult<RecordedEvent>[] {
  const results = parts.map((part, index) => resultOf(log, drafting, part, appended[index] as AppendedPart));
  onAppended?.(results.flatMap(({ events }) => events));
  return results;
}

function draftChange(
  drafting: DraftContext,
  { aggregate, ref, items, expected }: GivenChange,
): DraftedChange {
  checkExpected(expected);
  const drafts = eventsOf(items).map((event) => draftEvent(drafting, aggregate, event));
  return { part: { aggregate: ref, expected, drafts }, keys: items.filter(isKeyChange) };
}

function resultOf(
  log: EventLog,
  { catalog }: DraftContext,
  { aggregate, drafts }: DraftedPart,
  { revision, positions, stored }: AppendedPart,
): AppendResult<RecordedEvent> {
  const position = positions.at(-1) ?? 0;
  if (stored !== undefined) {
    return {
      revision,
      position,
      events: stored.map((message): RecordedEvent => decodeEvent(catalog, message)),
    };
  }
  const first = revision - drafts.length + 1;
  const events = drafts.map((draft, index) =>
    recordedEvent(draft, {
      store: log.name,
      aggregate,
      revision: first + index,
      position: positions[index] ?? 0,
    }),
  );
  return { revision, position, events };
}

/** Timers take no more than 2³¹ − 1 milliseconds. */
export function checkTimeout(value: number): void {
  if (value >= 1 && value <= 2_147_483_647) return;
  throw new InvalidArgumentError('timeout', `must be from 1 to 2147483647 milliseconds, not ${value}`);
}

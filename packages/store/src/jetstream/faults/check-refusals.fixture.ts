import { isExpected } from '../../expected-revision.ts';
import type { ConflictError, KeyTakenError } from '../../store-errors.ts';
import type { AttemptedChange } from './attempt.fixture.ts';
import type { IndexedLog } from './indexed-log.fixture.ts';
import type { RawEvent } from './raw-log.fixture.ts';
import type { Settled } from './settle.fixture.ts';

/** At some moment of the call the aggregate was at the revision that the error names, which is not what was expected. */
export function checkConflict(one: Settled, error: ConflictError, log: IndexedLog): string[] {
  const { plan, changes } = one.attempt;
  const { aggregate, expected, actual } = error;
  const wrong: string[] = [];
  const isAsked = (change: AttemptedChange) => change.id === aggregate.id && change.expected === expected;
  // A decision expects what it was made on.
  if (plan.way !== 'execute' && !changes.some(isAsked)) wrong.push(`never expected ${expected}`);
  if (isExpected(expected, actual)) wrong.push(`conflicts with ${actual}, where ${expected} was expected`);
  const next = log.at(aggregate, actual + 1);
  if (actual > 0 && !mayBeThere(log.at(aggregate, actual), one, log))
    wrong.push(`conflicts with revision ${actual} of ${aggregate.id}, which was written later`);
  if (next !== undefined && wasReported(next, one, log))
    wrong.push(`conflicts with revision ${actual} of ${aggregate.id}, which had gone on before`);
  return wrong;
}

/** At some moment of the call somebody else held the key: the one that the error names. */
export function checkTaken(
  one: Settled,
  { owner, aggregate, message }: KeyTakenError,
  log: IndexedLog,
): string[] {
  const keys = one.attempt.changes.filter(({ id }) => id === aggregate.id).flatMap((change) => change.keys);
  const isHeld = keys.some(({ value }) =>
    log.ofKey(value).some((event, index, events) => {
      const isOwners = event.type === 'key-reserved' && event.data.id === owner.id;
      const next = events[index + 1];
      const isPast = next !== undefined && wasReported(next, one, log);
      return isOwners && mayBeThere(event, one, log) && !isPast;
    }),
  );
  return isHeld && owner.id !== aggregate.id ? [] : [`was told what was not so: ${message}`];
}

/** Whether an event may have been written before the call ended. */
function mayBeThere(event: RawEvent | undefined, { ended }: Settled, log: IndexedLog): boolean {
  const writer = event && log.writerOf(event);
  return writer !== undefined && writer.began <= ended;
}

/** Whether an event had been reported to its writer before the call began. */
function wasReported(event: RawEvent, { lastBegan }: Settled, log: IndexedLog): boolean {
  const writer = log.writerOf(event);
  return writer !== undefined && writer.ended < lastBegan;
}

import type { Failure, GroupOutcome } from '../operations.ts';
import type { EventHandled } from './record.ts';

/** What each group made of one event, from the records of its handlings; one that is there twice counts once. */
export function groupOutcomes(handlings: readonly EventHandled[]): readonly GroupOutcome[] {
  const byGroup = Map.groupBy(handlings, ({ group }) => group);
  return [...byGroup]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([group, all]) => {
      const ordered = inOrder(all);
      const last = ordered.at(-1);
      if (last === undefined) return [];
      const { outcome, at } = last;
      return [{ group, outcome, at, attempts: ordered.length, failures: ordered.flatMap(failureOf) }];
    });
}

/** By attempt: the clocks of the processes that made them may differ. */
function inOrder(handlings: readonly EventHandled[]): readonly EventHandled[] {
  const unique = new Map(handlings.map((each) => [`${each.attempt}-${each.at.getTime()}`, each]));
  return [...unique.values()].toSorted((a, b) => a.attempt - b.attempt || a.at.getTime() - b.at.getTime());
}

function failureOf({ attempt, at, instance, outcome, error }: EventHandled): Failure[] {
  return error === undefined ? [] : [{ attempt, at, instance, outcome, error }];
}

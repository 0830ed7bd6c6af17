import type { RecordedEvent } from '@pipit/types-registry';
import type { Aggregate } from '../aggregate.ts';
import { deepFreeze } from './deep-freeze.ts';
import { evolve } from './evolve.ts';

/**
 * The state after a few events, frozen at every step: an `evolve` that changes what it gets is found out before the
 * events are stored, and not by the next load, which would find no way past them.
 *
 * @throws EvolveFailedError
 */
export function foldFrozen(
  aggregate: Aggregate,
  state: unknown,
  events: readonly RecordedEvent[],
  areStored: boolean,
): unknown {
  let reached = state;
  for (const event of events) {
    reached = evolve(aggregate, reached, event, areStored);
    deepFreeze(reached);
  }
  return reached;
}

/**
 * The state after events that have just been stored, now that their positions are known. That they are stored is told in
 * any case: where `evolve` took them the first time and not the second, it is not pure, and the first time counts.
 */
export function foldStored(
  aggregate: Aggregate,
  state: unknown,
  events: readonly RecordedEvent[],
  rehearsed: unknown,
): unknown {
  try {
    return foldFrozen(aggregate, state, events, true);
  } catch {
    return rehearsed;
  }
}

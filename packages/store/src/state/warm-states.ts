import type { AggregateRef } from '@pipit/types-registry';
import { LRUCache } from 'lru-cache';
import { deepFreeze } from './deep-freeze.ts';
import type { KnownState } from './snapshot-format.ts';

/** A state that was current when it was put here. */
export interface WarmState extends KnownState {
  /** Whether nobody is known to have appended since: a decision may be tried on it without reading first. */
  readonly latest: boolean;
}

/** States of aggregates that were in use lately. Only what cannot be changed from outside is kept: see `deepFreeze`. */
export interface WarmStates {
  get(ref: AggregateRef): WarmState | undefined;
  set(ref: AggregateRef, state: WarmState): void;
  /** Somebody appended to it. */
  outdated(ref: AggregateRef): void;
  delete(ref: AggregateRef): void;
  clear(): void;
}

/** @param max how many; 0 for none */
export function warmStates(max: number): WarmStates {
  const nothing = () => {};
  if (max === 0)
    return { get: () => undefined, set: nothing, outdated: nothing, delete: nothing, clear: nothing };
  const states = new LRUCache<string, WarmState>({ max });
  return {
    get: (ref) => states.get(keyOf(ref)),
    set(ref, state) {
      const key = keyOf(ref);
      const before = states.peek(key);
      // A load that began earlier may end later.
      if (before !== undefined && before.revision > state.revision) return;
      if (deepFreeze(state.state)) states.set(key, state);
      else states.delete(key);
    },
    outdated(ref) {
      const key = keyOf(ref);
      const before = states.peek(key);
      if (before?.latest === true) states.set(key, { ...before, latest: false });
    },
    delete: (ref) => states.delete(keyOf(ref)),
    clear: () => states.clear(),
  };
}

function keyOf({ type, id }: AggregateRef): string {
  return `${type}\u0000${id}`;
}

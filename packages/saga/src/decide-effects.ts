import { setTimeout as delay } from 'node:timers/promises';
import type { Aggregate, Change, Decision, EventStore } from '@pipit/store';
import { type AggregateRef, PipitError } from '@pipit/types-registry';
import type { Effect } from './effect.ts';
import { EffectFailedError } from './saga-errors.ts';
import { errorOf } from './thrown.ts';

/** How often effects are decided again where somebody else has appended to their aggregates. */
const decisions = 20;
/** Milliseconds before that at most, for each time before. */
const backoff = 10;

/** Errors of the store that say what is wrong with the events: to append them again would not help. */
const refusals = new Set([
  'DUPLICATE_EVENT_ID',
  'EVOLVE_FAILED',
  'INVALID_ARGUMENT',
  'INVALID_EVENT',
  'INVALID_PAYLOAD',
  'INVALID_SUBJECT_TOKEN',
  'KEY_TAKEN',
  'PAYLOAD_TOO_LARGE',
  'UNKNOWN_EVENT_TYPE',
]);

/**
 * Decides effects and appends them, once more where somebody has been quicker at one of their aggregates.
 *
 * @param append what appends the changes, all or none
 * @param own whose conflicts are not to be decided again
 * @throws EffectFailedError where the events are refused, or others are always quicker; what `append` throws besides
 */
export async function withEffects<Result>(
  store: Pick<EventStore, 'load' | 'execute'>,
  effects: readonly Effect[],
  own: AggregateRef | undefined,
  append: (changes: readonly Change<Aggregate>[]) => Promise<Result>,
): Promise<Result> {
  for (let decision = 1; ; decision += 1) {
    try {
      const changes = await Promise.all(effects.map((effect) => changeOf(store, effect)));
      return await append(changes.filter((change) => change !== undefined));
    } catch (error) {
      if (!(error instanceof PipitError)) throw error;
      if (refusals.has(error.code)) throw new EffectFailedError(error);
      if (error.code !== 'CONFLICT' || isOf(own, error)) throw error;
      if (decision === decisions) throw new EffectFailedError(error);
      await delay(Math.random() * backoff * decision);
    }
  }
}

/** @returns nothing where nothing is to be appended */
async function changeOf(
  store: Pick<EventStore, 'load' | 'execute'>,
  { aggregate, id, decide, events }: Effect,
): Promise<Change<Aggregate> | undefined> {
  if (decide === undefined) return { aggregate, id, events: events ?? [] };
  const loaded = await store.load(aggregate, id);
  const guess = decided(decide, loaded.state);
  if (guess !== undefined) return { aggregate, id, events: guess, expected: loaded.revision };
  // To refuse, or to do nothing, is not guarded by an append: it counts only for the latest state.
  let latest: Decision = [];
  const attempt = (state: unknown) => {
    latest = decide(state);
    return [];
  };
  try {
    const { revision } = await store.execute(aggregate, id, attempt);
    return isEmpty(latest) ? undefined : { aggregate, id, events: latest, expected: revision };
  } catch (error) {
    throw error instanceof PipitError && passing.has(error.code)
      ? error
      : new EffectFailedError(errorOf(error));
  }
}

/** Errors of the store that say nothing of the decision. */
const passing = new Set(['CONNECTION', 'READ_FAILED', 'STORE_CLOSED', 'TIMEOUT']);

function decided(decide: (state: unknown) => Decision, state: unknown): Decision | undefined {
  try {
    const events = decide(state);
    return isEmpty(events) ? undefined : events;
  } catch {
    // It is asked again, with the latest state.
    return undefined;
  }
}

function isEmpty(events: Decision): boolean {
  return Array.isArray(events) && events.length === 0;
}

function isOf(own: AggregateRef | undefined, conflict: PipitError): boolean {
  const { aggregate } = conflict as { readonly aggregate?: AggregateRef };
  return own !== undefined && aggregate?.type === own.type && aggregate.id === own.id;
}

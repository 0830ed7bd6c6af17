import { randomInt } from 'node:crypto';

/**
 * What all chance of a fault run comes from. A failing run says its seed; `PIPIT_SEED` plans the same one again, though
 * not the same interleaving of what the server does.
 */
export const seed = seedOf(process.env['PIPIT_SEED']);

/** `PIPIT_FAULTS=long` runs at full size, as `test:faults` does. */
export const isLong = process.env['PIPIT_FAULTS'] === 'long';

export interface Random {
  /** A whole number from 0 to below the limit. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
}

/** Independent of any other part's, so that what is planned does not depend on what happened before. */
export function randomOf(part: number): Random {
  let state = (seed ^ Math.imul(part + 1, 0x9e3779b1)) >>> 0;
  // Mulberry32 (Tommy Ettinger, public domain).
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly [T, ...T[]]) => list[below(list.length)] as T,
  };
}

function seedOf(given: string | undefined): number {
  const value = given === undefined ? randomInt(2 ** 31) : Number(given);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`PIPIT_SEED must be a whole number from 0, not ${given}`);
}

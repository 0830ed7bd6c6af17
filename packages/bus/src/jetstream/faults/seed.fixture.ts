import { randomInt } from 'node:crypto';

/** What all chance of a fault run comes from. `PIPIT_SEED` plans the same faults again, not the same interleaving. */
export const seed = seedOf(process.env['PIPIT_SEED']);

/** `PIPIT_FAULTS=long` runs at full size, as `test:faults` does. */
export const isLong = process.env['PIPIT_FAULTS'] === 'long';

export interface Random {
  /** A whole number from 0 to below the limit. */
  below(limit: number): number;
  chance(probability: number): boolean;
}

export function randomOf(part: number): Random {
  let state = (seed ^ Math.imul(part + 1, 0x9e3779b1)) >>> 0;
  // Mulberry32 (Tommy Ettinger, public domain).
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (limit) => Math.floor(next() * limit), chance: (probability) => next() < probability };
}

function seedOf(given: string | undefined): number {
  const value = given === undefined ? randomInt(2 ** 31) : Number(given);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`PIPIT_SEED must be a whole number from 0, not ${given}`);
}

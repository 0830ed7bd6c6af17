/**
 * How many events a member of a group may have in hand: enough to be busy for a moment, and no more than that, so that
 * those of slow handlers wait on the server, where others can have them.
 */
export interface Prefetch {
  readonly most: number;
  /** @param milliseconds that a handler took */
  took(milliseconds: number): void;
}

/** Milliseconds of work to have in hand. */
const ahead = 50;
const limit = 1_000;
/** The part of the average that the latest one makes up. */
const weight = 0.05;

export function createPrefetch(concurrency: number): Prefetch {
  let average: number | undefined;
  return {
    get most() {
      if (average === undefined) return concurrency;
      const ratio = Math.floor((concurrency * ahead) / Math.max(average, 0.001));
      return Math.max(concurrency, Math.min(limit, ratio));
    },
    took(milliseconds) {
      average = average === undefined ? milliseconds : average + weight * (milliseconds - average);
    },
  };
}

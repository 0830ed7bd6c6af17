export { type Latencies, latencies } from './latencies.ts';
export { openOn } from './open-on.ts';

/** A package's benchmark: what its rows share, and the rows in the order of the table. */
export interface Benchmark<Setting> {
  open(scale: Scale): Promise<Setting>;
  close(setting: Setting): Promise<void>;
  readonly rows: readonly Row<Setting>[];
}

/** How much is done. A quick run is for developing benchmarks; its ratios say little. */
export interface Scale {
  /** Events in the large stream. */
  readonly events: number;
  /** Scales the work of one round. */
  of(full: number): number;
  /** Tells how far a long preparation is. */
  progress(text: string): void;
}

export interface Row<Setting> {
  readonly row: string;
  /** The least ratio, in times of what `against` does. */
  readonly goal: number;
  readonly against: string;
  /** How many times as many rounds as usual, for work that is short; default 1. */
  readonly times?: number;
  measure(setting: Setting, rounds: Rounds): Promise<Measured>;
}

/** What a row has found out. */
export interface Measured {
  /** Pipit's speed by the other side's: bigger is better. */
  readonly ratio: number;
  /** Where more than the goal is asked for. Default: whether the ratio reaches it. */
  readonly met?: boolean;
  readonly detail: string;
}

/** Does the same work in several ways, by turns. */
export interface Rounds {
  /**
   * Every side does the same work in each round; the order of sides turns round, and garbage is collected in between.
   *
   * @returns the median of each side's times in milliseconds
   */
  compare<Name extends string>(sides: Readonly<Record<Name, Side>>): Promise<Readonly<Record<Name, number>>>;
}

export type Side = (() => Promise<unknown>) | PreparedSide;

/** Work that needs something before it or leaves something behind, neither of which is measured. */
export interface PreparedSide {
  prepare?(): Promise<unknown>;
  run(): Promise<unknown>;
  clear?(): Promise<unknown>;
}

/** One line of the report. */
export interface Result {
  readonly row: string;
  readonly ratio: number;
  readonly goal: number;
  readonly met: boolean;
  readonly detail: string;
}

/** Keeps the types of a benchmark together; a `<package>.bench.ts` exports it as its default. */
export function defineBenchmark<Setting>(benchmark: Benchmark<Setting>): Benchmark<Setting> {
  return benchmark;
}

/** `count` things in `milliseconds`, for people. */
export function perSecond(count: number, milliseconds: number): string {
  return `${Math.round((count * 1000) / milliseconds).toLocaleString('en')}/s`;
}

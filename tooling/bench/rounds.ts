import type { Rounds } from './benchmark.ts';

export interface RoundsOptions {
  readonly rounds: number;
  /** Runs of each side before anything is measured. */
  readonly warmUps: number;
  /** Sees each side of each comparison once more, after the rounds, so that what it costs to watch is not measured. */
  readonly watch?: (side: string, run: () => Promise<unknown>) => Promise<void>;
}

export function interleavedRounds({ rounds, warmUps, watch }: RoundsOptions): Rounds {
  let comparisons = 0;
  return {
    async compare(sides) {
      comparisons += 1;
      const entries = Object.entries(sides) as [keyof typeof sides, () => Promise<unknown>][];
      const times = new Map(entries.map(([name]) => [name, [] as number[]]));
      for (let round = -warmUps; round < rounds; round += 1) {
        for (const [name, run] of turned(entries, round)) {
          globalThis.gc?.();
          const start = performance.now();
          await run();
          if (round >= 0) times.get(name)?.push(performance.now() - start);
        }
      }
      if (watch !== undefined) for (const [name, run] of entries) await watch(`${comparisons} ${name}`, run);
      const medians = [...times].map(([name, measured]) => [name, median(measured)]);
      return Object.fromEntries(medians) as Readonly<Record<keyof typeof sides, number>>;
    },
  };
}

/** What comes first may find a cooler machine, what comes last a warmer one: everybody gets both. */
function turned<T>(entries: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? entries : entries.toReversed();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}

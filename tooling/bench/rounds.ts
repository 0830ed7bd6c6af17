import type { PreparedSide, Rounds, Side } from './benchmark.ts';

export interface RoundsOptions {
  readonly rounds: number;
  /** Runs of each side before anything is measured. */
  readonly warmUps: number;
  /** Sees each side of each comparison once more, after the rounds, so that what it costs to watch is not measured. */
  readonly watch?: (side: string, run: () => Promise<unknown>) => Promise<void>;
  /** Told what each comparison has found. */
  readonly progress: (text: string) => void;
}

interface Cost {
  /** Milliseconds. */
  readonly time: number;
  /** Milliseconds that this process has computed: steadier than the time where others use the machine as well. */
  readonly cpu: number;
}

export function interleavedRounds({ rounds, warmUps, watch, progress }: RoundsOptions): Rounds {
  let comparisons = 0;
  return {
    async compare(sides) {
      comparisons += 1;
      const entries = (Object.entries(sides) as [keyof typeof sides, Side][]).map(
        ([name, side]) => [name, typeof side === 'function' ? { run: side } : side] as const,
      );
      const costs = new Map(entries.map(([name]) => [name, [] as Cost[]]));
      for (let round = -warmUps; round < rounds; round += 1) {
        for (const [name, side] of turned(entries, round)) {
          const cost = await costOf(side);
          if (round >= 0) costs.get(name)?.push(cost);
        }
      }
      if (watch !== undefined) {
        for (const [name, side] of entries) {
          await side.prepare?.();
          await watch(`${comparisons} ${name}`, () => side.run());
          await side.clear?.();
        }
      }
      const medians = [...costs].map(
        ([name, found]) => [name, median(found.map(({ time }) => time))] as const,
      );
      const cpus = [...costs.values()].map((found) => median(found.map(({ cpu }) => cpu)));
      const told = medians.map(
        ([name, time], index) => `${name} ${time.toFixed(1)} ms (${cpus[index]?.toFixed(1)} of CPU)`,
      );
      progress(`  ${told.join(', ')}`);
      return Object.fromEntries(medians) as Readonly<Record<keyof typeof sides, number>>;
    },
  };
}

async function costOf(side: PreparedSide): Promise<Cost> {
  await side.prepare?.();
  globalThis.gc?.();
  const before = process.cpuUsage();
  const start = performance.now();
  await side.run();
  const time = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  await side.clear?.();
  return { time, cpu: (user + system) / 1000 };
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

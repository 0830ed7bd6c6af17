import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { type Kind, kinds } from './visitor.ts';

export interface Row {
  readonly requests: number;
  /** How many answers had it; `error` where there was none. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds until the answer was there. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts answers, and how long they took. */
export interface Tally {
  count(kind: Kind, status: number | 'error', milliseconds: number): void;
  rows(): { readonly total: Row; readonly kinds: Readonly<Record<Kind, Row>> };
}

interface Counted {
  readonly times: RecordableHistogram;
  readonly statuses: Record<string, number>;
}

export function createTally(): Tally {
  const empty = (): Counted => ({ times: createHistogram(), statuses: {} });
  const byKind = new Map<Kind, Counted>(kinds.map((kind) => [kind, empty()]));
  const total = empty();
  return {
    count(kind, status, milliseconds) {
      for (const { times, statuses } of [byKind.get(kind) ?? empty(), total]) {
        times.record(Math.max(1, Math.round(milliseconds * 1_000)));
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    },
    rows: () => ({
      total: rowOf(total),
      kinds: Object.fromEntries([...byKind].map(([kind, counted]) => [kind, rowOf(counted)])) as Record<
        Kind,
        Row
      >,
    }),
  };
}

function rowOf({ times, statuses }: Counted): Row {
  const after = (percent: number) => (times.count === 0 ? 0 : shown(times.percentile(percent)));
  return {
    requests: times.count,
    statuses: { ...statuses },
    p50: after(50),
    p90: after(90),
    p99: after(99),
    max: times.count === 0 ? 0 : shown(times.max),
  };
}

const shown = (microseconds: number) => Math.round(microseconds / 100) / 10;

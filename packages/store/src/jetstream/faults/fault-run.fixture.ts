import { type RecordedEvent, TimeoutError } from '@pipit/types-registry';
import { checkLog } from './check-log.fixture.ts';
import { checkOutcomes } from './check-outcomes.fixture.ts';
import { rawLog } from './raw-log.fixture.ts';
import {
  appendUnderFaults,
  type History,
  openWriters,
  type Run,
  storeName,
  type Writer,
} from './run.fixture.ts';
import { isLong, seed } from './seed.fixture.ts';

export interface FaultReport {
  /** The promises that were broken. */
  readonly broken: readonly string[];
  readonly summary: string;
}

const mostNamed = 20;

/** Appends under faults, and then holds what the callers were told against what is in the log. */
export async function faultRun(run: Run): Promise<FaultReport> {
  const writers = await openWriters(run);
  try {
    const history = await appendUnderFaults(run, writers);
    const { store, connection } = writers.at(-1) as Writer;
    const read: readonly RecordedEvent[] = await Array.fromAsync(store.read());
    const raw = await rawLog(connection, storeName, run.layout);
    const broken = [
      ...checkLog(raw, read, history.followed),
      ...checkOutcomes(history.settled, raw),
      ...(isLong && !wasHit(history) ? ['no append met a fault'] : []),
    ];
    return { broken: broken.slice(0, mostNamed), summary: summaryOf(run, history, raw.length) };
  } finally {
    for (const { store, connection } of writers) {
      await store.close();
      await connection.close();
    }
  }
}

/** Whether faults kept an append from its answer. Those that are patient do not show it. */
function wasHit({ settled }: History): boolean {
  return settled.some(
    ({ doubts, outcome }) =>
      doubts > 0 || (outcome.kind === 'unwritten' && outcome.error instanceof TimeoutError),
  );
}

function summaryOf({ layout, faults }: Run, { settled, milliseconds }: History, messages: number): string {
  const counts = Map.groupBy(settled, ({ outcome }) =>
    outcome.kind === 'unwritten' ? outcome.error.code : outcome.kind,
  );
  const outcomes = [...counts].map(([what, { length }]) => `${length} ${what}`).toSorted();
  const doubts = settled.filter((one) => one.doubts > 0).length;
  return (
    `PIPIT_SEED=${seed}, layout ${layout}: ${settled.length} appends and ${faults} faults in ` +
    `${(milliseconds / 1000).toFixed(1)} s; ${outcomes.join(', ')}; ${doubts} in doubt and settled; ${messages} messages`
  );
}

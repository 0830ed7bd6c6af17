import type { BatchObservableCallback } from '@opentelemetry/api';
import type { RunningProjection } from '@pipit/projection';
import type { Instruments } from './instruments.ts';

/** Asks each projection how late it is whenever metrics are collected, until the signal aborts. */
export function measureLag(
  { meter, lag, age }: Instruments,
  store: string,
  projections: Iterable<RunningProjection>,
  signal: AbortSignal,
): void {
  const all = [...projections];
  if (all.length === 0) return;
  const observe: BatchObservableCallback = async (result) => {
    await Promise.all(
      all.map(async (projection) => {
        const { name, version, status } = projection;
        // Of one that has ended, nobody here knows any more.
        if (status === 'failed' || status === 'stopped') return;
        const { behind, seconds } = await projection.lag();
        const attributes = {
          'pipit.store': store,
          'pipit.projection.name': name,
          'pipit.projection.version': version,
        };
        result.observe(lag, behind, attributes);
        if (seconds !== undefined) result.observe(age, seconds, attributes);
      }),
    );
  };
  meter.addBatchObservableCallback(observe, [lag, age]);
  const end = () => meter.removeBatchObservableCallback(observe, [lag, age]);
  signal.addEventListener('abort', end, { once: true });
}

import { setImmediate as turn } from 'node:timers/promises';
import type { BatchObservableCallback, Observable } from '@opentelemetry/api';
import { GroupLostError, type Subscription } from '@pipit/bus';
import type { RunningProjection } from '@pipit/projection';
import type { Instruments } from './instruments.ts';

/** Asks each projection how late it is whenever metrics are collected, until the signal aborts. */
export function measureProjections(
  { meter, lag, age }: Instruments,
  store: string,
  projections: Iterable<RunningProjection>,
  signal: AbortSignal,
): void {
  const all = [...projections];
  if (all.length === 0) return;
  observe(meter, [lag, age], signal, async (result) => {
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
  });
}

/**
 * Asks the server how far each group is behind that this process is or was a member of, as often, and as long: readers of
 * metrics keep showing the last that they were told, also of a group that has moved to another process.
 */
export function measureGroups(
  { meter, groupLag }: Instruments,
  store: string,
  subscriptions: Iterable<Subscription>,
  signal: AbortSignal,
): void {
  const groups = new Map<string, Subscription>();
  observe(meter, [groupLag], signal, async (result) => {
    for (const subscription of subscriptions) {
      // One that cannot begin yet is not waited for.
      if (await isReady(subscription)) groups.set(nameOf(subscription), subscription);
    }
    await Promise.all(
      Array.from(groups, async ([name, subscription]) => {
        const { group, topic } = subscription;
        try {
          const { behind } = await subscription.lag();
          result.observe(groupLag, behind, {
            'pipit.store': store,
            'messaging.consumer.group.name': group,
            ...(topic !== undefined && { 'pipit.topic': topic }),
          });
        } catch (error) {
          if (!(error instanceof GroupLostError)) throw error;
          groups.delete(name);
        }
      }),
    );
  });
}

const nameOf = ({ group, topic }: Subscription) => JSON.stringify([group, topic]);

function isReady({ ready }: Subscription): Promise<boolean> {
  const yes = ready.then(
    () => true,
    () => false,
  );
  return Promise.race([yes, turn(false)]);
}

function observe(
  meter: Instruments['meter'],
  gauges: Observable[],
  signal: AbortSignal,
  callback: BatchObservableCallback,
): void {
  meter.addBatchObservableCallback(callback, gauges);
  const end = () => meter.removeBatchObservableCallback(callback, gauges);
  signal.addEventListener('abort', end, { once: true });
}

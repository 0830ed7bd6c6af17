import { defineEvent, type RecordedEvent } from '@pipit/types-registry';
import { z } from 'zod';
import type { EventBatch, EventReader, FollowSelection } from '../event-reader.ts';

/** Counts for one key or several. */
export const Counted = defineEvent('counted', z.object({ keys: z.array(z.string()), by: z.number() }));
export const Removed = defineEvent('removed', z.object({ key: z.string() }));
/** Removes a row, or makes one where there is none: taken in twice, it shows. */
export const Toggled = defineEvent('toggled', z.object({ key: z.string() }));

export type ContractEvent =
  | RecordedEvent<'counted', { readonly keys: readonly string[]; readonly by: number }>
  | RecordedEvent<'removed' | 'toggled', { readonly key: string }>;

export function counted(position: number, keys: readonly string[], by = 1): ContractEvent {
  return { ...at(position), type: 'counted', data: { keys, by } };
}

export function removed(position: number, key: string): ContractEvent {
  return { ...at(position), type: 'removed', data: { key } };
}

export function toggled(position: number, key: string): ContractEvent {
  return { ...at(position), type: 'toggled', data: { key } };
}

function at(position: number) {
  return {
    id: `event-${position}`,
    store: 'contract',
    position,
    revision: position,
    aggregate: { type: 'counter', id: 'c1' },
    schemaVersion: 1,
    time: new Date(Date.UTC(2020, 0, 1) + position * 1_000),
    metadata: {},
    correlationId: `event-${position}`,
    causationId: undefined,
    traceparent: undefined,
  } as const;
}

/** A log in memory that a suite appends to. */
export interface ContractLog extends EventReader {
  readonly events: readonly RecordedEvent[];
  append(...events: readonly RecordedEvent[]): void;
}

/** @param batchSize events that it hands over at once; of every third batch it hands over the end once more, with what follows */
export function contractLog(batchSize = 4): ContractLog {
  const events: RecordedEvent[] = [];
  let more = Promise.withResolvers<void>();
  const end = () => events.at(-1)?.position ?? 0;

  function wake(): void {
    more.resolve();
    more = Promise.withResolvers();
  }

  async function* read(fromPosition = 1): AsyncGenerator<RecordedEvent> {
    for (const event of [...events]) if (event.position >= fromPosition) yield event;
  }

  async function* follow({ fromPosition = 1, signal }: FollowSelection = {}): AsyncGenerator<EventBatch> {
    let next = fromPosition;
    const isEnded = () => signal?.aborted === true;
    signal?.addEventListener('abort', wake, { once: true });
    for (let batches = 0; !isEnded(); batches += 1) {
      const left = events.filter(({ position }) => position >= next);
      const batch = left.slice(0, batchSize);
      const again = batches % 3 === 2 ? events.filter(({ position }) => position < next).slice(-2) : [];
      const position = left.length > batch.length ? (batch.at(-1)?.position ?? 0) : Math.max(end(), next - 1);
      const caughtUp = batch.length === left.length;
      yield { events: [...again, ...batch], position, caughtUp, skipped: 0 };
      next = position + 1;
      if (caughtUp && end() < next && !isEnded()) await more.promise;
    }
  }

  return {
    name: 'contract',
    events,
    append(...added) {
      events.push(...added);
      wake();
    },
    read: ({ fromPosition } = {}) => read(fromPosition),
    follow,
    position: async () => end(),
  };
}

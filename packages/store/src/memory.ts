import type { Aggregate } from './aggregate.ts';
import { createEventStore, type EventStoreOptions } from './create-event-store.ts';
import type { EventStore } from './event-store.ts';
import { memoryLog } from './memory/memory-log.ts';
import { memorySnapshots } from './memory/memory-snapshots.ts';

export { type MemoryLogOptions, memoryLog } from './memory/memory-log.ts';
export { memorySnapshots } from './memory/memory-snapshots.ts';

/**
 * An event store in memory: the same behaviour as on JetStream, for tests and trials; gone with the process.
 * Its `clock` says both when events happened and when they are stored.
 */
export function memoryStore<A extends Aggregate>(
  options: EventStoreOptions<A> & { readonly name: string },
): EventStore<A> {
  return createEventStore(memoryLog(options.name, options), { snapshotStore: memorySnapshots(), ...options });
}

import type { AggregateRef, RecordedEvent } from '@pipit/types-registry';
import type { AppendResult } from '../event-store.ts';

/** What is about to be appended to one aggregate. */
export interface PendingChange {
  readonly aggregate: AggregateRef;
  /** How many events. */
  readonly events: number;
}

/**
 * Surrounds every append of a store, also each of those that an `execute` makes: with a span, for instance. `work` drafts
 * the events and writes them, so that they carry the trace that is current where it is called. What this returns or
 * throws is taken for the append's own: call `work` once, and hand on what it comes to.
 *
 * @param changes in the order of the results
 */
export type AroundAppend = (
  changes: readonly PendingChange[],
  work: () => Promise<readonly AppendResult<RecordedEvent>[]>,
) => Promise<readonly AppendResult<RecordedEvent>[]>;

import type { EventDefinition } from '@pipit/types-registry';

/** What a bus has to know of a type of aggregate; the store's `Aggregate` is one. */
export interface AggregateEvents {
  readonly type: string;
  readonly events: readonly EventDefinition[];
}

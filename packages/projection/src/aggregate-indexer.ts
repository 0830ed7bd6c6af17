import type { Aggregate } from '@pipit/store';

/** Lists aggregates from an index instead of reading their events. Every `EventStore` of `@pipit/store` is one. */
export interface AggregateIndexer {
  /**
   * The ids of all aggregates of a type that have events, each once, in no promised order. Aggregates that begin while
   * it runs may be missing. Ends with the signal's reason once it aborts.
   */
  ids(aggregate: Aggregate, options?: { readonly signal?: AbortSignal }): AsyncIterable<string>;
  /** How many those are. Left out where nobody knows but by listing them. */
  count?(aggregate: Aggregate): Promise<number>;
}

/** Lists aggregates from an index instead of reading their events. */
export interface AggregateIndexer {
  /**
   * The ids of all aggregates of a type that have events, each once, in no promised order. Aggregates that begin while
   * it runs may be missing.
   */
  ids(aggregateType: string): AsyncIterable<string>;
}

import type { SubjectLayout } from '@pipit/types-registry';
import type { LRUCache } from 'lru-cache';
import type { DirectReader } from './direct-batch.ts';
import type { EventLookup, Tail } from './tail.ts';

/** What it takes to read an aggregate. */
export interface AggregateReader extends DirectReader {
  readonly layout: SubjectLayout;
  readonly lookup: EventLookup;
  /** Tails by the aggregate's filter, as this process knows them. */
  readonly tails: LRUCache<string, Tail>;
}

import type { AggregateRef, StoredMessage, SubjectLayout } from '@pipit/types-registry';
import type { LRUCache } from 'lru-cache';
import type { JetStreamApi } from './api.ts';
import type { Link } from './link.ts';
import type { Requests } from './requests.ts';
import type { StreamIdentity } from './stream-identity.ts';
import type { EventLookup, Tail } from './tail.ts';

/** What an append needs of its log. */
export interface AppendContext {
  readonly api: JetStreamApi;
  readonly link: Link;
  readonly identity: StreamIdentity;
  readonly requests: Requests;
  readonly store: string;
  readonly layout: SubjectLayout;
  readonly lookup: EventLookup;
  /**
   * Tails by the aggregate's filter. A stale one costs a round trip, never correctness, as long as
   * it is one of this very stream: see `identity`.
   */
  readonly tails: LRUCache<string, Tail>;
  readAggregate(aggregate: AggregateRef): AsyncIterable<readonly StoredMessage[]>;
}

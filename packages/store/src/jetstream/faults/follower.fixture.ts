import type { RecordedEvent } from '@pipit/types-registry';
import type { LedgerStore } from './ledger.fixture.ts';

export interface Follower {
  /** The events it was given, in that order, once it has come so far. */
  upTo(position: number): Promise<readonly RecordedEvent[]>;
}

/** Follows a store from its beginning, all the while. */
export function startFollower(store: LedgerStore): Follower {
  const end = new AbortController();
  const followed: RecordedEvent[] = [];
  let last = -1;
  let seen = Promise.withResolvers<void>();
  const following = (async () => {
    for await (const { events, position } of store.follow({ signal: end.signal })) {
      followed.push(...events);
      last = position;
      seen.resolve();
      seen = Promise.withResolvers();
    }
  })();
  return {
    async upTo(position) {
      while (last < position) await Promise.race([seen.promise, following]);
      end.abort();
      await following;
      return followed;
    },
  };
}

import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { LayoutName, RecordedEvent } from '@pipit/types-registry';
import { jetStreamStore } from '../../jetstream.ts';
import { type Follower, startFollower } from './follower.fixture.ts';
import { Ledger, type LedgerStore } from './ledger.fixture.ts';
import { type Random, randomOf } from './seed.fixture.ts';
import { type Seen, type Settled, settle } from './settle.fixture.ts';

export interface Run {
  /** For each writer: a connection and a store of its own. The first one follows, the last one reads in the end. */
  readonly urls: readonly string[];
  readonly layout: LayoutName;
  readonly replicas: number;
  readonly appends: number;
  readonly faults: number;
  /** Does harm, and undoes it where it does not pass by itself. */
  strike(random: Random): Promise<void>;
}

export interface Writer {
  readonly connection: NatsConnection;
  readonly store: LedgerStore;
}

export interface History {
  readonly settled: readonly Settled[];
  readonly followed: readonly RecordedEvent[];
  readonly milliseconds: number;
}

export const storeName = 'ledgers';
const atOnce = 64;

export async function openWriters({ urls, layout, replicas }: Run): Promise<readonly Writer[]> {
  const writers: Writer[] = [];
  // A connection that is cut in the middle of its handshake keeps the client waiting for all of its timeout.
  const again = { maxReconnectAttempts: -1, reconnectTimeWait: 50, timeout: 2_000 };
  for (const servers of urls) {
    const connection = await connect({ servers, ...again });
    const stream = { num_replicas: replicas };
    const options = { connection, name: storeName, aggregates: [Ledger], layout, stream };
    writers.push({ connection, store: await jetStreamStore(options) });
  }
  return writers;
}

/** Appends all that is planned, 64 at a time, while faults happen at moments that the seed has chosen. */
export async function appendUnderFaults(run: Run, writers: readonly Writer[]): Promise<History> {
  const { appends, faults, strike } = run;
  const stores = writers.map(({ store }) => store) as [LedgerStore, ...LedgerStore[]];
  const follower: Follower = startFollower(stores[0]);
  const settled: Settled[] = [];
  const waiting = new Set<{ readonly count: number; go(): void }>();
  let begun = 0;

  const append = async (store: LedgerStore, seen: Seen) => {
    while (begun < appends) {
      const number = begun;
      begun += 1;
      settled.push(await settle(number, store, seen));
      for (const { count, go } of waiting) if (settled.length >= count) go();
    }
  };
  const reached = async (count: number) => {
    if (settled.length >= count) return;
    const { promise, resolve: go } = Promise.withResolvers<void>();
    const wait = { count, go };
    waiting.add(wait);
    await promise;
    waiting.delete(wait);
  };
  const disturb = async () => {
    const share = appends / (faults + 0.5);
    for (let fault = 0; fault < faults; fault += 1) {
      // Numbers below 0, so that no append has the same.
      const random = randomOf(-2 - fault);
      await reached(Math.floor(share * fault) + random.below(Math.floor(share)));
      await strike(random);
    }
  };

  const started = performance.now();
  const seenBy = stores.map((): Seen => new Map());
  const appending = Array.from({ length: atOnce }, (_, index) => {
    const writer = index % stores.length;
    return append(stores[writer] as LedgerStore, seenBy[writer] as Seen);
  });
  await Promise.all([...appending, disturb()]);
  const milliseconds = performance.now() - started;
  return { settled, followed: await follower.upTo(await stores[0].position()), milliseconds };
}

import type { Row } from '@pipit/tooling/bench';
import type { EventStore } from '../index.ts';
import { jetStreamStore } from '../jetstream.ts';
import { Account, AccountWithSnapshots, deposit } from './account.fixture.ts';
import type { LargeStream } from './large-stream.fixture.ts';
import type { StoreSetting } from './setting.fixture.ts';

const behind = 10;
const events = 1_000;

/** The same store opened twice: with and without a snapshot policy. */
export const snapshot: Row<StoreSetting> = {
  row: 'load 1000 events with a snapshot 10 events old',
  goal: 20,
  against: 'without',
  times: 3,
  async measure({ pipit: connection, largeStream }, rounds) {
    const large = await largeStream();
    const ids = large.ids(990);
    const options = {
      connection,
      name: large.store.name,
      aggregates: [AccountWithSnapshots],
      warm: false,
    } as const;
    await takeSnapshots(large, await jetStreamStore(options), ids);
    const store = await jetStreamStore(options);
    const { with: kept, without } = await rounds.compare({
      async with() {
        for (const id of ids) requireAll((await store.load(AccountWithSnapshots, id)).revision);
      },
      async without() {
        for (const id of ids) requireAll((await large.store.load(Account, id)).revision);
      },
    });
    await store.close();
    const [fast, slow] = [kept / ids.length, without / ids.length];
    return {
      ratio: slow / fast,
      detail: `${fast.toFixed(2)} against ${slow.toFixed(2)} ms, nothing kept in memory; events scattered over ${large.events}`,
    };
  },
};

async function takeSnapshots(
  { store }: LargeStream,
  taker: EventStore<typeof AccountWithSnapshots>,
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) await taker.load(AccountWithSnapshots, id);
  // Waits for the snapshots under way.
  await taker.close();
  for (const id of ids) {
    const expected = events - behind;
    await store.append(Account, id, Array.from({ length: behind }, deposit), { expected });
  }
}

function requireAll(revision: number): void {
  if (revision !== events) throw new Error(`loaded ${revision} events, not ${events}`);
}

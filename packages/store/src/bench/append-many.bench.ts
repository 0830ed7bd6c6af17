import { perSecond, type Rounds, type Row } from '@pipit/tooling/bench';
import { Account, deposit } from './account.fixture.ts';
import { bareEvent, bareGuardedEvent } from './bare-event.fixture.ts';
import { barePublisher } from './bare-publisher.fixture.ts';
import { inFlight } from './in-flight.fixture.ts';
import type { StoreSetting } from './setting.fixture.ts';

const width = 256;
const guard = { lastSubjectSequence: 0 };

export const appendMany: Row<StoreSetting> = {
  row: 'append, 256 in flight, distinct aggregates',
  goal: 2,
  against: 'bare `js.publish`',
  times: 2,
  measure: ({ js, ...setting }, rounds) =>
    compare(setting, rounds, async (store, subject) => {
      const { id, headers, body } = bareEvent(store, 1);
      await js.publish(subject, body, { msgID: id, headers, expect: guard });
    }),
};

export const appendManyByHand: Row<StoreSetting> = {
  row: 'append, 256 in flight, against a bare hand-made asynchronous publisher',
  goal: 0.8,
  against: 'a publisher of one inbox, a map of pending answers, one sweep',
  times: 2,
  async measure(setting, rounds) {
    const publisher = barePublisher(setting.bare);
    try {
      return await compare(setting, rounds, async (store, subject) => {
        const { headers, body } = bareGuardedEvent(store, 1, guard.lastSubjectSequence);
        await publisher.publish(subject, body, headers);
      });
    } finally {
      publisher.close();
    }
  },
};

/** Each append is the first of its aggregate, on both sides. */
async function compare(
  { scale, streams }: Pick<StoreSetting, 'scale' | 'streams'>,
  rounds: Rounds,
  publish: (store: string, subject: string) => Promise<void>,
) {
  const { store, bareName, remove } = await streams();
  const count = scale.of(20_000);
  let next = 0;
  let bareNext = 0;
  const { pipit, bare } = await rounds.compare({
    pipit: () =>
      inFlight(width, count, () => {
        next += 1;
        return store.append(Account, `account-${next}`, deposit(), { expected: 'none' });
      }),
    bare: () =>
      inFlight(width, count, () => {
        bareNext += 1;
        return publish(bareName, `${bareName}.account.account-${bareNext}`);
      }),
  });
  await remove('account-1');
  return {
    ratio: bare / pipit,
    detail: `${perSecond(count, pipit)} against ${perSecond(count, bare)}, both guarded, ids checked`,
  };
}

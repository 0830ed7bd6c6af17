import { perSecond, type Row } from '@pipit/tooling/bench';
import { Account, deposit } from './account.fixture.ts';
import { publishBatch } from './bare-publisher.fixture.ts';
import type { StoreSetting } from './setting.fixture.ts';

const size = 10;

/** One batch after the other to one aggregate, each guarded on the one before. */
export const appendAtomically: Row<StoreSetting> = {
  row: 'append 10 events atomically',
  goal: 0.9,
  against: 'bare hand-made batch',
  times: 3,
  async measure({ bare: connection, scale, streams }, rounds) {
    const { store, bareName, remove } = await streams();
    const count = scale.of(100);
    const subject = `${bareName}.account.ada`;
    let revision = 0;
    let bareRevision = 0;
    let lastSequence = 0;
    const { pipit, bare } = await rounds.compare({
      async pipit() {
        for (let index = 0; index < count; index += 1) {
          const events = Array.from({ length: size }, deposit);
          ({ revision } = await store.append(Account, 'ada', events, { expected: revision }));
        }
      },
      async bare() {
        for (let index = 0; index < count; index += 1) {
          const place = { size, revision: bareRevision, lastSequence };
          lastSequence = await publishBatch(connection, bareName, subject, place);
          bareRevision += size;
        }
      },
    });
    await remove('ada');
    return {
      ratio: bare / pipit,
      detail: `${perSecond(count, pipit)} against ${perSecond(count, bare)} batches, 1 in flight`,
    };
  },
};

import { perSecond, type Row } from '@pipit/tooling/bench';
import { Account, deposit } from './account.fixture.ts';
import { bareEvent } from './bare-event.fixture.ts';
import type { StoreSetting } from './setting.fixture.ts';

/** One append after the other to one aggregate, each guarded on the one before. */
export const appendOne: Row<StoreSetting> = {
  row: 'append, 1 in flight, guarded, validated',
  goal: 0.85,
  against: 'bare `js.publish`',
  times: 3,
  async measure({ js, scale, streams }, rounds) {
    const { store, bareName, remove } = await streams();
    const count = scale.of(2_000);
    const subject = `${bareName}.account.ada`;
    let revision = 0;
    let bareRevision = 0;
    let lastSequence = 0;
    const { pipit, bare } = await rounds.compare({
      async pipit() {
        for (let index = 0; index < count; index += 1) {
          ({ revision } = await store.append(Account, 'ada', deposit(), { expected: revision }));
        }
      },
      async bare() {
        for (let index = 0; index < count; index += 1) {
          bareRevision += 1;
          const { id, headers, body } = bareEvent(bareName, bareRevision);
          const guard = { lastSubjectSequence: lastSequence };
          const { seq } = await js.publish(subject, body, { msgID: id, headers, expect: guard });
          lastSequence = seq;
        }
      },
    });
    await remove('ada');
    return {
      ratio: bare / pipit,
      detail: `${perSecond(count, pipit)} against ${perSecond(count, bare)}, both guarded, ids checked`,
    };
  },
};

import { perSecond, type Row } from '@pipit/tooling/bench';
import { Account, deposit } from './account.fixture.ts';
import { bareEvent } from './bare-event.fixture.ts';
import type { StoreSetting } from './setting.fixture.ts';

const events = 1_000;

/** Load, decide and append against an append that knows already what to guard on. */
export const execute: Row<StoreSetting> = {
  row: 'execute on a warm aggregate of 1000 events, 1 in flight',
  goal: 0.45,
  against: 'a bare guarded publish alone',
  times: 3,
  async measure({ js, scale, streams }, rounds) {
    const { store, bareName, remove } = await streams();
    const count = scale.of(1_000);
    const subject = `${bareName}.account.ada`;
    for (let revision = 0; revision < events; revision += 500) {
      await store.append(Account, 'ada', Array.from({ length: 500 }, deposit), { expected: revision });
    }
    let bareRevision = 0;
    let lastSequence = 0;
    const { pipit, bare } = await rounds.compare({
      async pipit() {
        for (let index = 0; index < count; index += 1) await store.execute(Account, 'ada', deposit);
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
      detail: `${perSecond(count, pipit)} against ${perSecond(count, bare)}, from ${events} events on`,
    };
  },
};

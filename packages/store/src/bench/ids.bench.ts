import type { Row } from '@pipit/tooling/bench';
import { Account } from './account.fixture.ts';
import type { StoreSetting } from './setting.fixture.ts';

export const ids: Row<StoreSetting> = {
  row: 'ids of one type, 10⁵ aggregates in 10⁶ events',
  goal: 10,
  against: 'a scan: an ordered consumer of the type without payloads',
  async measure({ js, largeStream }, rounds) {
    const { store, events, aggregates } = await largeStream();
    const { pipit, scan } = await rounds.compare({
      async pipit() {
        let count = 0;
        for await (const id of store.ids(Account)) if (id !== '') count += 1;
        requireAll(aggregates, count);
      },
      async scan() {
        const found = new Set<string>();
        const filter_subjects = [`${store.name}.account.*`];
        const consumer = await js.consumers.get(store.name, { filter_subjects, headers_only: true });
        for await (const message of await consumer.consume({ max_messages: 1_000 })) {
          found.add(message.subject.slice(message.subject.lastIndexOf('.') + 1));
          if (message.info.pending === 0) break;
        }
        requireAll(aggregates, found.size);
        await consumer.delete();
      },
    });
    return {
      ratio: scan / pipit,
      detail: `${aggregates} ids in ${Math.round(pipit)} against ${Math.round(scan)} ms, ${events} events`,
    };
  },
};

function requireAll(aggregates: number, found: number): void {
  if (found !== aggregates) throw new Error(`found ${found} ids, not ${aggregates}`);
}

import { perSecond, type Row } from '@pipit/tooling/bench';
import { watchMemory } from './memory.fixture.ts';
import type { StoreSetting } from './setting.fixture.ts';

export const read: Row<StoreSetting> = {
  row: 'read everything, 10⁶ events, decoded and validated',
  goal: 0.6,
  against: 'bare ordered consumer with header access and `JSON.parse`',
  async measure({ js, largeStream }, rounds) {
    const { store } = await largeStream();
    const events = await store.position();
    const peak = { heap: 0, process: 0 };
    const { pipit, bare } = await rounds.compare({
      async pipit() {
        const memory = watchMemory();
        let cents = 0;
        let count = 0;
        for await (const event of store.read({ fromPosition: 1 })) {
          cents += event.data.cents;
          count += 1;
        }
        requireAll(events, count, cents);
        const { heap, process } = memory.peak();
        peak.heap = Math.max(peak.heap, heap);
        peak.process = Math.max(peak.process, process);
      },
      async bare() {
        const consumer = await js.consumers.get(store.name);
        let cents = 0;
        let count = 0;
        for await (const message of await consumer.consume({ max_messages: 1_000 })) {
          const { headers } = message;
          const event = {
            id: headers?.get('ce-id'),
            type: headers?.get('ce-type'),
            time: headers?.get('ce-time'),
            revision: Number(headers?.get('ce-revision')),
            data: message.json<{ cents: number }>(),
          };
          cents += event.data.cents;
          count += 1;
          if (message.info.pending === 0) break;
        }
        requireAll(events, count, cents);
        await consumer.delete();
      },
    });
    return {
      ratio: bare / pipit,
      detail: `${perSecond(events, pipit)} against ${perSecond(events, bare)}, ${events} events, peak +${peak.heap} MB heap and buffers, +${peak.process} MB of the process`,
    };
  },
};

function requireAll(events: number, count: number, cents: number): void {
  if (count !== events || cents !== 12_345 * events) throw new Error(`read ${count} events, not ${events}`);
}

import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { perSecond, type Row } from '@pipit/tooling/bench';
import { jetStreamBus } from '../jetstream.ts';
import { Account, countOf, type } from './event-log.fixture.ts';
import type { BusSetting } from './setting.fixture.ts';

const concurrency = 64;
/** What 64 handlers of exactly a millisecond come to, in a second. */
const ideal = concurrency * 1_000;

export const subscribeInOrder: Row<BusSetting> = {
  row: 'subscribe in order per key, concurrency 64, a 1 ms handler, 1000 keys',
  goal: 0.8,
  against: '64 / 1 ms',
  async measure({ pipit, bare, eventLog }, rounds) {
    const log = await eventLog();
    const { events, store } = log;
    const bus = await jetStreamBus({ connection: pipit, store, aggregates: [Account] });
    const js = jetstream(bare);
    const manager = await jetstreamManager(bare);
    const took = await rounds.compare({
      async pipit() {
        const count = countOf(events);
        const subscription = bus.subscribe({
          group: log.newGroup(),
          order: 'key',
          concurrency,
          on: {
            async [type]({ data }) {
              await delay(1);
              count.add(data.cents);
            },
          },
        });
        await count.all;
        await subscription.stop();
      },
      /** The same by hand, decoded but in no order: what one server and one process come to here. */
      async bare() {
        const count = countOf(events);
        const name = log.newGroup();
        await manager.consumers.add(store, { durable_name: name, ack_policy: AckPolicy.Explicit });
        const consumer = await js.consumers.get(store, name);
        const messages = await consumer.consume({ max_messages: 1_000 });
        const iterator = messages[Symbol.asyncIterator]();
        const lane = async () => {
          for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
            const { cents } = next.value.json<{ cents: number }>();
            await delay(1);
            count.add(cents);
            next.value.ack();
          }
        };
        const lanes = Promise.all(Array.from({ length: concurrency }, lane));
        await count.all;
        await messages.close();
        await lanes;
        await bare.flush();
      },
      /** Nothing but deliveries and acknowledgements, of a consumer with a filter as the group's. */
      async acks() {
        const name = log.newGroup();
        await manager.consumers.add(store, {
          durable_name: name,
          ack_policy: AckPolicy.Explicit,
          filter_subjects: [`${store}.account.*`],
        });
        const consumer = await js.consumers.get(store, name);
        const all = Promise.withResolvers<void>();
        let left = events;
        const messages = await consumer.consume({
          max_messages: 1_000,
          callback(message) {
            message.ack();
            left -= 1;
            if (left === 0) all.resolve();
          },
        });
        await all.promise;
        await messages.close();
        await bare.flush();
      },
      /** A timer of a millisecond takes longer than that, here and in the handlers. */
      async timers() {
        let left = events;
        const lane = async () => {
          while (left > 0) {
            left -= 1;
            await delay(1);
          }
        };
        await Promise.all(Array.from({ length: concurrency }, lane));
      },
    });
    await bus.stop();
    await log.forgetGroups();
    const part = (other: number) => (other / took.pipit).toFixed(2);
    const reached = (events * 1_000) / took.pipit;
    return {
      ratio: reached / ideal,
      detail:
        `${perSecond(events, took.pipit)}; 64 lanes of nothing but setTimeout(1) reach ${perSecond(events, took.timers)} ` +
        `in the same process, a bare \`consume\` that does nothing but \`ack()\` ${perSecond(events, took.acks)}, and 64 ` +
        `handlers of one without order ${perSecond(events, took.bare)}: that is ${part(took.timers)}, ` +
        `${part(took.acks)} and ${part(took.bare)} of them`,
    };
  },
};

import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { perSecond, type Row } from '@pipit/tooling/bench';
import { jetStreamBus } from '../jetstream.ts';
import { Account, countOf, type } from './event-log.fixture.ts';
import type { BusSetting } from './setting.fixture.ts';

/** From subscribing until the server has every acknowledgement. The bare side may have as many events in hand. */
export const subscribe: Row<BusSetting> = {
  row: 'subscribe with ack, decoded and validated, trivial handler',
  goal: 0.7,
  against: 'bare durable `consume` with `ack()`, header access and `JSON.parse`, the lesser of both orders',
  async measure({ pipit, bare, eventLog }, rounds) {
    const log = await eventLog();
    const { events, store } = log;
    const bus = await jetStreamBus({ connection: pipit, store, aggregates: [Account] });
    const js = jetstream(bare);
    const manager = await jetstreamManager(bare);

    async function handleAll(order: 'key' | 'none') {
      const count = countOf(events);
      const on = {
        [type]: ({ data }: { readonly data: { readonly cents: number } }) => count.add(data.cents),
      };
      const subscription = bus.subscribe({ group: log.newGroup(), order, on });
      await count.all;
      await subscription.stop();
    }

    const took = await rounds.compare({
      key: () => handleAll('key'),
      none: () => handleAll('none'),
      async bare() {
        const count = countOf(events);
        const name = log.newGroup();
        await manager.consumers.add(store, { durable_name: name, ack_policy: AckPolicy.Explicit });
        const consumer = await js.consumers.get(store, name);
        let left = events;
        for await (const message of await consumer.consume({ max_messages: 1_000 })) {
          const { headers } = message;
          const event = {
            id: headers?.get('ce-id'),
            type: headers?.get('ce-type'),
            time: headers?.get('ce-time'),
            revision: Number(headers?.get('ce-revision')),
            data: message.json<{ cents: number }>(),
          };
          count.add(event.data.cents);
          message.ack();
          left -= 1;
          if (left === 0) break;
        }
        await count.all;
        await bare.flush();
      },
    });
    await bus.stop();
    await log.forgetGroups();
    const [key, none] = [took.bare / took.key, took.bare / took.none];
    return {
      ratio: Math.min(key, none),
      detail:
        `order key: ${perSecond(events, took.key)}, ${key.toFixed(2)} ×; order none: ${perSecond(events, took.none)}, ` +
        `${none.toFixed(2)} ×; against ${perSecond(events, took.bare)}`,
    };
  },
};

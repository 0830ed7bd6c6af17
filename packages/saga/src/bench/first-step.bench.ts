import { AckPolicy } from '@nats-io/jetstream';
import { defineAggregate } from '@pipit/store';
import { latencies, type Row } from '@pipit/tooling/bench';
import { defineEvent } from '@pipit/types-registry';
import { z } from 'zod';
import { createSagas, defineSaga } from '../index.ts';
import type { SagaSetting } from './setting.fixture.ts';

const Ordered = defineEvent('ordered', z.object({ item: z.string() }));
const Shop = defineAggregate('shop', { events: [Ordered], initial: null, evolve: { ordered: () => null } });

let reached = Promise.withResolvers<void>();

const shipping = defineSaga({
  name: 'shipping',
  input: z.object({ item: z.string() }),
  events: [Ordered],
  startOn: { ordered: ({ aggregate, data }) => ({ id: aggregate.id, input: data }) },
  steps: (saga) => saga.step('ship', { run: () => reached.resolve() }),
});

export const firstStep: Row<SagaSetting> = {
  row: 'append of an event to the first step of the saga it starts, p50',
  goal: 0.2,
  against: 'the bare round trip: `js.publish`, durable consumer',
  times: 2,
  async measure({ open, js, manager, scale }, rounds) {
    const { store, repository, close } = await open('shop', [Shop, shipping.aggregate]);
    const sagas = createSagas({ sagas: [shipping], repository });
    await sagas.ready;
    await manager.streams.add({ name: 'shop-bare', subjects: ['shop-bare.*'] });
    await manager.consumers.add('shop-bare', { durable_name: 'shipping', ack_policy: AckPolicy.Explicit });
    const consumer = await js.consumers.get('shop-bare', 'shipping');
    let bareReached = Promise.withResolvers<void>();
    const messages = await consumer.consume({
      callback(message) {
        message.ack();
        bareReached.resolve();
      },
    });
    const count = scale.of(500);
    const [ours, theirs] = [latencies(), latencies()];
    let ordered = 0;
    await rounds.compare({
      pipit: () =>
        ours.round(count, async () => {
          reached = Promise.withResolvers();
          ordered += 1;
          await store.append(Shop, `order-${ordered}`, Ordered.create({ item: 'book' }));
          await reached.promise;
        }),
      bare: () =>
        theirs.round(count, async () => {
          bareReached = Promise.withResolvers();
          await js.publish('shop-bare.order', JSON.stringify({ item: 'book' }));
          await bareReached.promise;
        }),
    });
    await messages.close();
    await manager.streams.delete('shop-bare');
    await sagas.stop();
    await close();
    const told = (part: number) =>
      `${ours.within(part).toFixed(2)} against ${theirs.within(part).toFixed(2)} ms`;
    return {
      ratio: theirs.within(0.5) / ours.within(0.5),
      detail: `p50 ${told(0.5)}, p99 ${told(0.99)}; two round trips and an append: the event, and the start it leads to`,
    };
  },
};

import { headers } from '@nats-io/nats-core';
import { perSecond, type Row } from '@pipit/tooling/bench';
import pLimit from 'p-limit';
import { z } from 'zod';
import { createSagas, defineSaga } from '../index.ts';
import type { SagaSetting } from './setting.fixture.ts';

const atOnce = 64;
const stepNames = ['reserve', 'pay', 'ship'] as const;

const ordering = defineSaga({
  name: 'ordering',
  input: z.object({ item: z.string(), cents: z.number() }),
  steps: (saga) =>
    saga
      .step('reserve', { run: ({ input }) => ({ item: input.item }) })
      .step('pay', { run: ({ input }) => ({ cents: input.cents }) })
      .step('ship', { run: ({ results }) => ({ item: results.reserve.item }) }),
});

/** From the start of each until its end is stored, so many at a time. */
export const complete: Row<SagaSetting> = {
  row: 'sagas of three steps, 64 at once',
  goal: 0.7,
  against: 'their four appends alone, guarded, by `js.publish`',
  async measure({ open, js, manager, scale }, rounds) {
    const { repository, reached, close } = await open('orders', [ordering.aggregate]);
    const sagas = createSagas({ sagas: [ordering], repository, concurrency: atOnce });
    await sagas.ready;
    const { config } = await manager.streams.info('orders');
    await manager.streams.add({ ...config, name: 'orders-bare', subjects: ['orders-bare.*.*'] });
    const count = scale.of(2_000);
    let [started, bareStarted] = [0, 0];

    async function order(): Promise<void> {
      started += 1;
      const id = `order-${started}`;
      const completed = reached(id, 'completed');
      await sagas.start(ordering, id, { item: 'book', cents: 1_200 });
      await completed;
    }

    async function append(
      id: string,
      type: string,
      revision: number,
      after: number,
      data: object,
    ): Promise<number> {
      const fields = headers();
      fields.set('ce-id', `${id}-${revision}`);
      fields.set('ce-type', type);
      fields.set('ce-specversion', '1.0');
      fields.set('ce-source', '/orders-bare');
      fields.set('ce-time', new Date().toISOString());
      fields.set('ce-revision', String(revision));
      const { seq } = await js.publish(`orders-bare.saga-ordering.${id}`, JSON.stringify(data), {
        headers: fields,
        msgID: `${id}-${revision}`,
        expect: { lastSubjectSequence: after },
      });
      return seq;
    }

    async function bareOrder(): Promise<void> {
      bareStarted += 1;
      const id = `order-${bareStarted}`;
      const input = { item: 'book', cents: 1_200 };
      const begun = { version: 1, steps: stepNames, input, status: 'running' };
      let after = await append(id, 'saga-ordering-started', 1, 0, begun);
      for (const [index, step] of stepNames.entries()) {
        const data = { step, attempt: 1, result: input, status: index === 2 ? 'completed' : 'running' };
        after = await append(id, 'saga-ordering-step-succeeded', index + 2, after, data);
      }
    }

    const many = (work: () => Promise<void>) => () => pLimit(atOnce).map(Array(count).keys(), work);
    const took = await rounds.compare({ pipit: many(order), bare: many(bareOrder) });
    await sagas.stop();
    await close();
    await manager.streams.delete('orders-bare');
    const told = `${perSecond(count, took.pipit)} completed against ${perSecond(count, took.bare)}`;
    return {
      ratio: took.bare / took.pipit,
      detail: `${told}; each is also delivered to its driver, acknowledged, decoded and folded`,
    };
  },
};

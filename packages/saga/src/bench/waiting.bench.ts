import type { Row } from '@pipit/tooling/bench';
import pLimit from 'p-limit';
import { z } from 'zod';
import { createSagas, defineSaga } from '../index.ts';
import type { SagaSetting } from './setting.fixture.ts';

const day = 24 * 3_600_000;

const reminding = defineSaga({
  name: 'reminding',
  input: z.object({ to: z.string(), after: z.number() }),
  steps: (saga) => saga.sleep('pause', day).step('remind', { run: () => {} }),
});

/** A process that starts where many instances wait for their time. */
export const waiting: Row<SagaSetting> = {
  row: 'start of a driver beside 10⁵ waiting sagas',
  goal: 0.5,
  against: 'its start without any',
  async measure({ open, scale }, rounds) {
    const count = scale.of(100_000);
    const first = await open('many', [reminding.aggregate]);
    const starter = createSagas({ sagas: [reminding], repository: first.repository, concurrency: 256 });
    await starter.ready;
    let left = count;
    const allWait = Promise.withResolvers<void>();
    const begun = performance.now();
    const { wakeAt } = first.repository;
    Object.assign(first.repository, {
      async wakeAt(...parameters: Parameters<typeof wakeAt>) {
        await wakeAt(...parameters);
        left -= 1;
        if (left % 10_000 === 0) scale.progress(`${count - left} of ${count} sagas wait`);
        if (left === 0) allWait.resolve();
      },
    });
    await pLimit(256).map(Array(count).keys(), (index) =>
      starter.start(reminding, `saga-${index}`, { to: 'ada', after: day }),
    );
    await allWait.promise;
    const filled = performance.now() - begun;
    await starter.stop();
    await first.close();

    const heap: number[] = [];
    const startIn = (name: string) => async () => {
      const { repository, close } = await open(name, [reminding.aggregate]);
      const sagas = createSagas({ sagas: [reminding], repository });
      await sagas.ready;
      globalThis.gc?.();
      if (name === 'many') heap.push(process.memoryUsage().heapUsed);
      await sagas.stop();
      await close();
    };
    await startIn('none')();
    const took = await rounds.compare({ many: startIn('many'), none: startIn('none') });
    const megabytes = Math.max(...heap) / 2 ** 20;
    return {
      ratio: took.none / took.many,
      detail:
        `${took.many.toFixed(0)} against ${took.none.toFixed(0)} ms, stop included; heap ${megabytes.toFixed(0)} MB with ${count} of them; ` +
        `to start them all and set their timers took ${(filled / 1_000).toFixed(0)} s`,
    };
  },
};

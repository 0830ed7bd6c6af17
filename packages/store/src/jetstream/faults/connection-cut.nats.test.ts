import { setTimeout as delay } from 'node:timers/promises';
import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { startProxy } from '../proxy.fixture.ts';
import { faultRun } from './fault-run.fixture.ts';
import { isLong, randomOf, seed } from './seed.fixture.ts';

const [appends, faults] = isLong ? [10_000, 40] : [400, 6];
const both = ['aggregate', 'event'] as const;
const layouts = isLong ? both : [randomOf(-1).pick(both)];

console.log(`PIPIT_SEED=${seed} plans the same run again.`);

it.each(layouts)(
  'every append is told the truth when answers get lost and connections are cut, in layout %s',
  async (layout) => {
    const server = await startNatsServer();
    const proxies = [await startProxy(server.port), await startProxy(server.port)] as const;
    try {
      const urls = [...proxies.map(({ url }) => url), server.url, server.url];
      const { broken, summary } = await faultRun({
        ...{ urls, layout, replicas: 1, appends, faults },
        async strike(random) {
          const proxy = random.pick(proxies);
          if (random.chance(0.7)) proxy.loseAnswers();
          await delay(random.below(200));
          proxy.cut();
        },
      });
      console.log(summary);
      expect(broken, summary).toEqual([]);
    } finally {
      for (const proxy of proxies) await proxy.close();
      await server.stop();
    }
  },
  600_000,
);

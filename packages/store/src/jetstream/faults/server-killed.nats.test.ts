import { setTimeout as delay } from 'node:timers/promises';
import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { faultRun } from './fault-run.fixture.ts';
import { isLong, seed } from './seed.fixture.ts';

const [appends, faults] = isLong ? [10_000, 20] : [400, 3];

console.log(`PIPIT_SEED=${seed} plans the same run again.`);

it.each(['aggregate', 'event'] as const)(
  'every append is told the truth when the server is killed and comes back, in layout %s',
  async (layout) => {
    const server = await startNatsServer();
    try {
      const urls = Array.from({ length: 4 }, () => server.url);
      const { broken, summary } = await faultRun({
        ...{ urls, layout, replicas: 1, appends, faults },
        async strike(random) {
          await server.kill();
          await delay(random.below(300));
          await server.restart();
        },
      });
      console.log(summary);
      expect(broken, summary).toEqual([]);
    } finally {
      await server.stop();
    }
  },
  600_000,
);

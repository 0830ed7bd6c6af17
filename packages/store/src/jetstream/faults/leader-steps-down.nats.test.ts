import { connect } from '@nats-io/transport-node';
import { startNatsCluster } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { faultRun } from './fault-run.fixture.ts';
import { storeName } from './run.fixture.ts';
import { isLong, randomOf, seed } from './seed.fixture.ts';

const [appends, faults] = isLong ? [10_000, 20] : [400, 3];
const both = ['aggregate', 'event'] as const;
const layouts = isLong ? both : [randomOf(-1).pick(both)];

console.log(`PIPIT_SEED=${seed} plans the same run again.`);

it.each(layouts)(
  'every append is told the truth when the leader steps down on three replicas, in layout %s',
  async (layout) => {
    const cluster = await startNatsCluster({ size: 3 });
    const connection = await connect({ servers: [...cluster.urls] });
    const stepDown = async () => {
      const answer = await connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${storeName}`, '', {
        timeout: 5_000,
      });
      return answer.json<{ success?: boolean }>().success;
    };
    try {
      const [first = ''] = cluster.urls;
      const { broken, summary } = await faultRun({
        ...{ urls: [...cluster.urls, first], layout, replicas: 3, appends, faults },
        async strike() {
          // Between two leaders nobody answers.
          await expect.poll(() => stepDown().catch(String), { timeout: 30_000 }).toBe(true);
        },
      });
      console.log(summary);
      expect(broken, summary).toEqual([]);
    } finally {
      await connection.close();
      await cluster.stop();
    }
  },
  600_000,
);

import { setTimeout as delay } from 'node:timers/promises';
import { startNatsCluster } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { outOfOrder } from './effects.fixture.ts';
import { groupName, openGroup } from './group.fixture.ts';
import { isLong, randomOf, seed } from './seed.fixture.ts';

const [keys, each, changes] = isLong ? [100, 100, 20] : [40, 20, 3];
const events = keys * each;
const patience = { timeout: 120_000 };

console.log(`PIPIT_SEED=${seed} plans the same faults again.`);

it("an ordered group handles every event in order when its consumer's leader steps down on three replicas", async () => {
  const cluster = await startNatsCluster({ size: 3 });
  const random = randomOf(0);
  const group = await openGroup({
    ...{ urls: cluster.urls, replicas: 3, members: 3, lease: 2_000, concurrency: 8 },
    handle: () => delay(Math.random() * 5),
  });
  const stepDown = async () => {
    const subject = `$JS.API.CONSUMER.LEADER.STEPDOWN.blog.${groupName}`;
    const answer = await group.connection.request(subject, '', { timeout: 5_000 });
    return answer.json<{ success?: boolean }>().success;
  };
  try {
    const appending = group.append(keys, each);
    for (let change = 0; change < changes; change += 1) {
      const due = Math.floor((events / (changes + 1)) * (change + random.below(100) / 100));
      await expect.poll(() => group.handled.size, patience).toBeGreaterThanOrEqual(due);
      // Between two leaders nobody answers.
      await expect.poll(() => stepDown().catch(String), patience).toBe(true);
    }
    await appending;
    await expect.poll(() => group.handled.size, patience).toBe(events);
    expect(outOfOrder([...group.handled.values()]), `PIPIT_SEED=${seed}`).toEqual([]);
    expect(group.repeated).toEqual([]);
    const end = { ack_floor: { stream_seq: events }, num_ack_pending: 0 };
    await expect.poll(() => group.info(), patience).toMatchObject(end);
    expect(await Array.fromAsync(group.deadLetters.list({ state: 'all' }))).toEqual([]);
  } finally {
    await group.close();
    await cluster.stop();
  }
}, 300_000);

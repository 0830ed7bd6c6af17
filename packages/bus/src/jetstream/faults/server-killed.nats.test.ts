import { setTimeout as delay } from 'node:timers/promises';
import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { outOfOrder } from './effects.fixture.ts';
import { openGroup } from './group.fixture.ts';
import { isLong, randomOf, seed } from './seed.fixture.ts';

const [keys, each, kills] = isLong ? [100, 100, 10] : [40, 40, 3];
const events = keys * each;
const patience = { timeout: 120_000 };

console.log(`PIPIT_SEED=${seed} plans the same faults again.`);

it('an ordered group of three members handles every event in order when its server is killed and comes back', async () => {
  const server = await startNatsServer();
  const random = randomOf(0);
  const group = await openGroup({
    ...{ urls: [server.url], members: 3, lease: 2_000, concurrency: 8 },
    handle: () => delay(Math.random() * 5),
  });
  try {
    const appending = group.append(keys, each);
    for (let kill = 0; kill < kills; kill += 1) {
      const due = Math.floor((events / (kills + 1)) * (kill + random.below(100) / 100));
      await expect.poll(() => group.handled.size, patience).toBeGreaterThanOrEqual(due);
      await server.kill();
      await delay(random.below(300));
      await server.restart();
    }
    await appending;
    await expect.poll(() => group.handled.size, patience).toBe(events);
    expect(outOfOrder([...group.handled.values()]), `PIPIT_SEED=${seed}`).toEqual([]);
    expect(group.repeated).toEqual([]);
    const end = { ack_floor: { stream_seq: events }, num_ack_pending: 0 };
    await expect.poll(() => group.info(), patience).toMatchObject(end);
    expect(group.log).toContainEqual(
      expect.stringMatching(/^warn Group crowd gets no events: .* It keeps asking$/),
    );
    expect(await Array.fromAsync(group.deadLetters.list({ state: 'all' }))).toEqual([]);
  } finally {
    await group.close();
    await server.stop();
  }
}, 300_000);

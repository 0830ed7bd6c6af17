import { setTimeout as delay } from 'node:timers/promises';
import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { outOfOrder } from './effects.fixture.ts';
import { openGroup } from './group.fixture.ts';

const lease = 2_000;
const patience = { timeout: 60_000 };

it.each([0.8, 1.5])(
  'an ordered group goes on in order when its server was frozen for %d of a lease',
  async (leases) => {
    const server = await startNatsServer();
    const group = await openGroup({
      ...{ urls: [server.url], members: 3, lease, concurrency: 2 },
      handle: () => delay(20),
    });
    try {
      const events = 600;
      await group.append(60, 10, 10);
      for (let freeze = 1; freeze <= 2; freeze += 1) {
        await expect.poll(() => group.handled.size, patience).toBeGreaterThanOrEqual(100 * freeze);
        process.kill(server.pid, 'SIGSTOP');
        // How long the server is silent is what this is about.
        await delay(leases * lease);
        process.kill(server.pid, 'SIGCONT');
      }
      await expect.poll(() => group.handled.size, patience).toBe(events);
      expect(outOfOrder([...group.handled.values()])).toEqual([]);
      expect(group.repeated).toEqual([]);
      const end = { ack_floor: { stream_seq: events }, num_ack_pending: 0 };
      await expect.poll(() => group.info(), patience).toMatchObject(end);
      expect(await Array.fromAsync(group.deadLetters.list({ state: 'all' }))).toEqual([]);
    } finally {
      await group.close();
      await server.stop();
    }
  },
  180_000,
);

import { setTimeout as delay } from 'node:timers/promises';
import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { outOfOrder } from './effects.fixture.ts';
import { groupName, openGroup } from './group.fixture.ts';

const patience = { timeout: 60_000 };

it.each(['key', 'none'] as const)(
  'a group of order %s whose consumer is deleted goes on by itself, with nothing left out',
  async (order) => {
    const server = await startNatsServer();
    const group = await openGroup({
      ...{ urls: [server.url], members: 3, lease: 2_000, concurrency: 4, order },
      handle: () => delay(Math.random() * 5),
    });
    try {
      const events = 1_200;
      const appending = group.append(40, events / 40);
      for (let deletion = 1; deletion <= 2; deletion += 1) {
        await expect.poll(() => group.handled.size, patience).toBeGreaterThanOrEqual(300 * deletion);
        await group.manager.consumers.delete('blog', groupName);
      }
      await appending;
      await expect.poll(() => group.handled.size, patience).toBe(events);
      if (order === 'key') expect(outOfOrder([...group.handled.values()])).toEqual([]);
      expect(group.repeated).toEqual([]);
      const end = { ack_floor: { stream_seq: events }, num_ack_pending: 0, num_pending: 0 };
      await expect.poll(() => group.info(), patience).toMatchObject(end);
      const said = /^error The consumer of group crowd was deleted, and is made again at position \d+,/;
      expect(group.log).toContainEqual(expect.stringMatching(said));
      expect(await Array.fromAsync(group.deadLetters.list({ state: 'all' }))).toEqual([]);
    } finally {
      await group.close();
      await server.stop();
    }
  },
  120_000,
);

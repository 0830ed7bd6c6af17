import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { outOfOrder } from './effects.fixture.ts';
import { openGroup } from './group.fixture.ts';
import { isLong } from './seed.fixture.ts';

it('of thousands of events at once, of which a third fail, each is handled, a dead letter, or parked behind one', async () => {
  const keys = isLong ? 1_000 : 200;
  const each = 10;
  const server = await startNatsServer();
  const fails = (position: number) => position % 3 === 0;
  const group = await openGroup({
    ...{ urls: [server.url], members: 3, lease: 3_000, concurrency: 16 },
    retry: { attempts: 2, backoff: () => 20, jitter: 0 },
    handle(position) {
      if (fails(position)) throw new Error(`position ${position} fails`);
    },
  });
  try {
    await group.append(keys, each, each);
    const events = keys * each;
    const end = { ack_floor: { stream_seq: events }, num_ack_pending: 0 };
    await expect.poll(() => group.info(), { timeout: 120_000 }).toMatchObject(end);
    expect(outOfOrder([...group.handled.values()])).toEqual([]);
    expect(group.repeated).toEqual([]);
    const dead = new Map<string, number>();
    const parked = new Map<string, number[]>();
    for await (const { aggregate, position, state, attempts } of group.deadLetters.list({ state: 'all' })) {
      if (state === 'parked') parked.set(aggregate.id, [...(parked.get(aggregate.id) ?? []), position]);
      else {
        expect([dead.get(aggregate.id), attempts, fails(position)]).toEqual([undefined, 2, true]);
        dead.set(aggregate.id, position);
      }
    }
    let behind = 0;
    for (const [key, positions] of parked) {
      behind += positions.length;
      expect(Math.min(...positions)).toBeGreaterThan(dead.get(key) ?? Number.POSITIVE_INFINITY);
    }
    for (const { key, position } of group.handled.values()) {
      expect(position).toBeLessThan(dead.get(key) ?? Number.POSITIVE_INFINITY);
    }
    const tries = group.log.filter((line) => line.startsWith('error Group crowd failed '));
    expect(tries.filter((line) => line.includes('added to dead letters'))).toHaveLength(dead.size);
    expect(group.handled.size + dead.size + behind).toBe(events);
  } finally {
    await group.close();
    await server.stop();
  }
}, 240_000);

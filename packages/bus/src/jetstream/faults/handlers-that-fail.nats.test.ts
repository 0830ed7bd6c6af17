import { once } from 'node:events';
import { startNatsServer } from '@pipit/nats-server';
import { expect, it } from 'vitest';
import { outOfOrder } from './effects.fixture.ts';
import { openGroup } from './group.fixture.ts';

const patience = { timeout: 60_000 };

it.each<[string, (signal: AbortSignal) => unknown, string]>([
  ['throws', () => throwIt(new Error('the mail server is away')), 'the mail server is away'],
  ['rejects', () => Promise.reject(new Error('the mail server is away')), 'the mail server is away'],
  ['throws what is no error', () => throwIt({ status: 503 }), '503'],
  [
    'hangs until it is aborted',
    (signal) => once(signal, 'abort').then(() => throwIt(signal.reason)),
    'did not finish within 300 ms',
  ],
])(
  'a handler that %s costs no event, no order and no second effect, and is told of',
  async (_, fail, reason) => {
    const server = await startNatsServer();
    const tries = new Map<number, number>();
    const group = await openGroup({
      ...{ urls: [server.url], members: 2, lease: 2_000, concurrency: 4, timeout: 300 },
      retry: { attempts: 3, backoff: () => 20, jitter: 0 },
      handle(position, _, signal) {
        const attempt = (tries.get(position) ?? 0) + 1;
        tries.set(position, attempt);
        return position % 5 === 0 && attempt < 3 ? fail(signal) : undefined;
      },
    });
    try {
      await group.append(10, 5);
      await expect.poll(() => group.handled.size, patience).toBe(50);
      expect(outOfOrder([...group.handled.values()])).toEqual([]);
      expect(group.repeated).toEqual([]);
      const end = { ack_floor: { stream_seq: 50 }, num_ack_pending: 0 };
      await expect.poll(() => group.info(), patience).toMatchObject(end);
      expect(await Array.fromAsync(group.deadLetters.list({ state: 'all' }))).toEqual([]);
      const told = group.log.filter((line) => /^error Group crowd failed [12] times on/.test(line));
      expect(told).toHaveLength(2 * 10);
      expect(told.filter((line) => line.includes(reason))).toEqual(told);
    } finally {
      await group.close();
      await server.stop();
    }
  },
  90_000,
);

function throwIt(thrown: unknown): never {
  throw thrown;
}

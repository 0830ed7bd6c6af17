import { describe, expect, it } from 'vitest';
import { type BusUnderTest, quick } from './contract-blog.ts';
import { until } from './until.ts';

export function retryContract(test: () => BusUnderTest): void {
  describe.each(['key', 'none'] as const)('a handler that fails, with order %s,', (order) => {
    it('gets the event again, up to five times, each failure logged with its number', async () => {
      const { bus, opened, log } = test();
      const counts: number[] = [];
      bus.subscribe({
        group: 'mail',
        order,
        retry: quick,
        on: {
          'post-published': (_, { deliveryCount }) => {
            counts.push(deliveryCount);
            throw new Error('the mail server is away');
          },
        },
      });
      await opened.publish('p1', 'a');
      await until(() => log.some(({ message }) => message.includes('added to dead letters')));
      expect(counts).toEqual([1, 2, 3, 4, 5]);
      const lines = log.filter(({ level }) => level === 'error').map(({ message }) => message);
      expect(lines).toHaveLength(5);
      for (const [index, line] of lines.entries()) {
        expect(line).toMatch(
          new RegExp(`^Group mail failed ${index + 1} times on post-published \\S+ at position 1, `),
        );
        expect(line).toMatch(/: the mail server is away$/);
      }
      expect(lines[3]).toContain('again in 20 ms');
      expect(log.at(-1)?.facts).toMatchObject({
        group: 'mail',
        eventType: 'post-published',
        deliveryCount: 5,
      });
    });

    it('is not tried again where that cannot help', async () => {
      const { bus, opened } = test();
      let tries = 0;
      bus.subscribe({
        group: 'mail',
        order,
        retry: { ...quick, when: (error) => error.message !== 'no such address' },
        on: {
          'post-published': () => {
            tries += 1;
            throw new Error('no such address');
          },
        },
      });
      await opened.publish('p1', 'a');
      await until(async () => (await Array.fromAsync(bus.deadLetters.list())).length === 1);
      expect(tries).toBe(1);
    });

    it('by hanging has its signal aborted, and fails', async () => {
      const { bus, opened } = test();
      const reasons: unknown[] = [];
      bus.subscribe({
        group: 'hangs',
        order,
        timeout: 50,
        retry: quick,
        on: {
          'post-published': (_, { signal, deliveryCount }) => {
            if (deliveryCount > 2) return undefined;
            signal.addEventListener('abort', () => reasons.push(signal.reason));
            return new Promise(() => {});
          },
        },
      });
      await opened.publish('p1', 'a');
      await until(() => reasons.length === 2);
      expect(reasons).toMatchObject([{ code: 'TIMEOUT', timeout: 50 }, { code: 'TIMEOUT' }]);
    });

    it('lets the events of others pass meanwhile, and harms no other group', async () => {
      const { bus, opened } = test();
      const seen: string[] = [];
      const others: string[] = [];
      bus.subscribe({
        group: 'odd',
        order,
        retry: { backoff: () => 60_000 },
        on: {
          'post-published': ({ data }) => {
            if (data.title === 'bad') throw new Error('bad');
            seen.push(data.title);
          },
        },
      });
      bus.subscribe({
        group: 'other',
        order,
        on: { 'post-published': ({ data }) => others.push(data.title) },
      });
      await opened.publish('p1', 'bad');
      for (let i = 0; i < 10; i += 1) await opened.publish(`q${i}`, `t${i}`);
      await until(() => seen.length === 10 && others.length === 11);
    });
  });
}

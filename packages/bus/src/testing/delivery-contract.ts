import { describe, expect, it } from 'vitest';
import type { BusUnderTest } from './contract-blog.ts';
import { until } from './until.ts';

const orders = ['key', 'none'] as const;

export function deliveryContract(test: () => BusUnderTest): void {
  describe.each(orders)('a group with order %s', (order) => {
    it('gets every event, as does every other group', async () => {
      const { bus, opened } = test();
      const seen: Record<string, string[]> = { search: [], mail: [] };
      for (const [group, titles] of Object.entries(seen)) {
        bus.subscribe({ group, order, on: { 'post-published': ({ data }) => titles.push(data.title) } });
      }
      for (let i = 0; i < 20; i += 1) await opened.publish(`p${i % 3}`, `t${i}`);
      await until(() => Object.values(seen).every((titles) => titles.length === 20));
      const all = Array.from({ length: 20 }, (_, index) => `t${index}`);
      expect(seen).toEqual({ search: all, mail: all });
    });

    it('goes on where it was: one that was down gets what it missed, and nothing again', async () => {
      const { opened, bus, another } = test();
      const seen: string[] = [];
      const options = {
        group: 'search',
        order,
        on: { 'post-published': ({ data }: { data: { title: string } }) => void seen.push(data.title) },
      };
      const first = bus.subscribe(options);
      await opened.publish('p1', 'a', 'b');
      await until(() => seen.length === 2);
      await first.stop();
      await opened.publish('p1', 'c');
      (await another()).subscribe(options);
      await opened.publish('p1', 'd');
      await until(() => seen.length === 4);
      expect(seen).toEqual(['a', 'b', 'c', 'd']);
    });

    it('gets what a late joiner of another group gets too: everything, or what comes next', async () => {
      const { bus, opened } = test();
      await opened.publish('p1', 'a');
      const last = await opened.publish('p1', 'b');
      const seen: Record<string, string[]> = {};
      const join = (group: string, from: 'start' | 'new' | number) => {
        const titles: string[] = [];
        seen[group] = titles;
        return bus.subscribe({
          group,
          order,
          from,
          on: { 'post-published': ({ data }) => titles.push(data.title) },
        });
      };
      await Promise.all(
        [join('start', 'start'), join('new', 'new'), join('position', last)].map(({ ready }) => ready),
      );
      await opened.publish('p1', 'c');
      await until(() => Object.values(seen).every((titles) => titles.includes('c')));
      expect(seen).toEqual({ start: ['a', 'b', 'c'], new: ['c'], position: ['b', 'c'] });
    });

    it('hands one handler all types it was given, and passes over the others', async () => {
      const { bus, opened } = test();
      const seen: string[] = [];
      bus.subscribe({
        group: 'all',
        order,
        types: ['post-published', 'user-joined'],
        handle: ({ type }) => void seen.push(type),
      });
      await opened.publish('p1', 'a');
      await opened.join('u1');
      await until(() => seen.length === 2);
      expect(seen.sort()).toEqual(['post-published', 'user-joined']);
    });

    it('has as many handlers under way as it may, and no more', async () => {
      const { bus, opened } = test();
      const end = Promise.withResolvers<void>();
      let running = 0;
      let most = 0;
      let done = 0;
      bus.subscribe({
        group: 'three',
        order,
        concurrency: 3,
        on: {
          'post-published': async () => {
            running += 1;
            most = Math.max(most, running);
            await end.promise;
            running -= 1;
            done += 1;
          },
        },
      });
      for (let i = 0; i < 9; i += 1) await opened.publish(`p${i}`, 'a');
      await until(() => running === 3);
      end.resolve();
      await until(() => done === 9);
      expect(most).toBe(3);
    });

    it('stops with work in flight: waits for it, begins nothing, and what is left comes to the next', async () => {
      const { bus, opened, another } = test();
      const end = Promise.withResolvers<void>();
      const seen: string[] = [];
      const subscription = bus.subscribe({
        group: 'slow',
        order,
        on: {
          'post-published': async ({ data }) => {
            seen.push(data.title);
            await end.promise;
          },
        },
      });
      await opened.publish('p1', 'a');
      await opened.publish('p2', 'b');
      await until(() => seen.length === 1);
      const stopped = subscription.stop();
      end.resolve();
      await stopped;
      await subscription.closed;
      expect(seen).toHaveLength(1);
      (await another()).subscribe({
        group: 'slow',
        order,
        on: { 'post-published': ({ data }) => void seen.push(data.title) },
      });
      await until(() => seen.length === 2);
      expect(seen).toEqual(['a', 'b']);
    });

    it('aborts the handlers that a stop does not wait for, and their events come again', async () => {
      const { bus, opened, another } = test();
      const reasons: unknown[] = [];
      const subscription = bus.subscribe({
        group: 'hanging',
        order,
        on: {
          'post-published': (_, { signal }) => {
            signal.addEventListener('abort', () => reasons.push(signal.reason));
            reasons.push('begun');
            return new Promise(() => {});
          },
        },
      });
      await opened.publish('p1', 'a');
      await until(() => reasons.length === 1);
      await subscription.stop({ timeout: 50 });
      expect(reasons).toMatchObject(['begun', { code: 'STOPPED' }]);
      const counts: number[] = [];
      (await another()).subscribe({
        group: 'hanging',
        order,
        on: { 'post-published': (_, { deliveryCount }) => void counts.push(deliveryCount) },
      });
      await until(() => counts.length === 1);
      expect(counts).toEqual([2]);
    });
  });
}

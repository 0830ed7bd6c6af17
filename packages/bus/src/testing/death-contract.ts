import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../bus.ts';
import type { BusUnderTest, ContractEvent } from './contract-blog.ts';
import { until } from './until.ts';

/** What a group promises where one of its processes dies. */
export function deathContract(test: () => BusUnderTest): void {
  describe.each(['key', 'none'] as const)('an event of a group with order %s', (order) => {
    // Ends the handlers that hang, of processes that died.
    let end: PromiseWithResolvers<void>;
    beforeEach(() => {
      end = Promise.withResolvers();
    });
    afterEach(() => end.resolve());

    interface Seen {
      readonly title: string;
      readonly count: number;
    }

    function subscribe(bus: Bus<ContractEvent>, seen: Seen[], hangsAt?: string) {
      return bus.subscribe({
        group: 'mortal',
        order,
        on: {
          'post-published': ({ data: { title } }, { deliveryCount: count }) => {
            seen.push({ title, count });
            return title === hangsAt ? end.promise : undefined;
          },
        },
      });
    }

    it('is delivered again after the process that had it died', async () => {
      const { bus, opened, another } = test();
      const seen: Seen[] = [];
      await subscribe(bus, seen, 'a').ready;
      await opened.publish('p1', 'a');
      await until(() => seen.length === 1);
      const again: Seen[] = [];
      await subscribe(await another(), again).ready;
      await opened.kill(bus);
      await until(() => again.length === 1);
      expect(seen).toEqual([{ title: 'a', count: 1 }]);
      expect(again).toEqual([{ title: 'a', count: 2 }]);
    });

    it('is not acknowledged by its handler having begun: whoever comes after the death gets it', async () => {
      const { bus, opened, another } = test();
      const seen: Seen[] = [];
      await subscribe(bus, seen, 'a').ready;
      await opened.publish('p1', 'a');
      await until(() => seen.length === 1);
      await opened.kill(bus);
      const again: Seen[] = [];
      await subscribe(await another(), again).ready;
      await until(() => again.length === 1);
      expect(again).toEqual([{ title: 'a', count: 2 }]);
    });

    it('reaches another member where one dies, as do those that follow, before and after', async () => {
      const { bus, opened, another } = test();
      const seen: Seen[] = [];
      await subscribe(bus, seen, 'a').ready;
      await opened.publish('p1', 'a');
      await until(() => seen.length === 1);
      await opened.publish('p1', 'b');
      const taken: Seen[] = [];
      await subscribe(await another(), taken).ready;
      await opened.kill(bus);
      await opened.publish('p1', 'c');
      await until(() => new Set(taken.map(({ title }) => title)).size === 3);
      const titles = taken.map(({ title }) => title);
      expect(order === 'key' ? titles : titles.toSorted()).toEqual(['a', 'b', 'c']);
      expect(seen).toEqual([{ title: 'a', count: 1 }]);
    });
  });
}

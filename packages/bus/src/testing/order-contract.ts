import { describe, expect, it } from 'vitest';
import { type BusUnderTest, quick } from './contract-blog.ts';
import { until } from './until.ts';

/** Few milliseconds, different each time, the same in each run. */
function* jitters(): Generator<number> {
  for (let state = 1; ; state = (state * 48_271) % 2_147_483_647) yield state % 4;
}

export function orderContract(test: () => BusUnderTest): void {
  describe('a group that keeps order', () => {
    it('handles the events of an aggregate one after the other, and those of others side by side', async () => {
      const { bus, opened } = test();
      const seen = new Map<string, number[]>();
      const busy = new Set<string>();
      const wait = jitters();
      let overlaps = 0;
      let most = 0;
      let count = 0;
      bus.subscribe({
        group: 'ordered',
        concurrency: 64,
        on: {
          'post-published': async ({ aggregate, revision }) => {
            if (busy.has(aggregate.id)) overlaps += 1;
            busy.add(aggregate.id);
            most = Math.max(most, busy.size);
            await new Promise((resolve) => setTimeout(resolve, wait.next().value));
            busy.delete(aggregate.id);
            seen.set(aggregate.id, [...(seen.get(aggregate.id) ?? []), revision]);
            count += 1;
          },
        },
      });
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(Array.from({ length: 20 }, (_, index) => opened.publish(`p${index}`, `t${round}`)));
      }
      await until(() => count === 200);
      expect(overlaps).toBe(0);
      expect(most).toBeGreaterThan(1);
      for (const revisions of seen.values()) expect(revisions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it('holds back what follows an event that waits for its next try, and nothing else', async () => {
      const { bus, opened } = test();
      const seen: string[] = [];
      let failures = 0;
      bus.subscribe({
        group: 'ordered',
        concurrency: 8,
        retry: { backoff: () => 300, jitter: 0 },
        on: {
          'post-published': ({ data }) => {
            if (data.title === 'p1-1' && failures < 2) {
              failures += 1;
              throw new Error('not yet');
            }
            seen.push(data.title);
          },
        },
      });
      await opened.publish('p1', 'p1-1', 'p1-2', 'p1-3');
      await opened.publish('p2', 'p2-1', 'p2-2');
      await until(() => seen.length === 5);
      expect(seen).toEqual(['p2-1', 'p2-2', 'p1-1', 'p1-2', 'p1-3']);
    });

    it('shares its aggregates between instances, and each instance handles some', async () => {
      const { bus, opened, another } = test();
      const seen: string[][] = [[], []];
      const instances = [bus, await another()];
      for (const [index, instance] of instances.entries()) {
        const { ready } = instance.subscribe({
          group: 'shared',
          concurrency: 4,
          on: {
            'post-published': async ({ aggregate, revision }) => {
              seen[index]?.push(`${aggregate.id}/${revision}`);
              await new Promise(setImmediate);
            },
          },
        });
        await ready;
      }
      let round = 0;
      await until(async () => {
        round += 1;
        await Promise.all(Array.from({ length: 20 }, (_, index) => opened.publish(`p${index}`, `t${round}`)));
        return seen.every((handled) => handled.length > 0);
      });
      await until(() => seen.flat().length >= round * 20);
      expect(new Set(seen.flat()).size).toBe(round * 20);
    });

    it('is taken over without a gap when the instance that leads it stops', async () => {
      const { bus, opened, another } = test();
      const seen = new Map<string, number[]>();
      let count = 0;
      const options = {
        group: 'moving',
        concurrency: 8,
        on: {
          'post-published': async ({
            aggregate,
            revision,
          }: {
            aggregate: { id: string };
            revision: number;
          }) => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            seen.set(aggregate.id, [...(seen.get(aggregate.id) ?? []), revision]);
            count += 1;
          },
        },
      };
      bus.subscribe(options);
      const publish = async (round: number) => {
        await Promise.all(Array.from({ length: 10 }, (_, index) => opened.publish(`p${index}`, `t${round}`)));
      };
      for (let round = 1; round <= 5; round += 1) await publish(round);
      await until(() => count > 0);
      const next = await another();
      next.subscribe(options);
      await bus.stop();
      for (let round = 6; round <= 10; round += 1) await publish(round);
      await until(() => count >= 100);
      for (const revisions of seen.values()) expect(revisions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it('cannot be joined with another number of partitions', async () => {
      const { bus, another } = test();
      const on = { 'post-published': () => {} };
      await bus.subscribe({ group: 'fixed', partitions: 8, on }).ready;
      const other = await another();
      for (const options of [{ partitions: 16 }, { order: 'none' as const }]) {
        await expect(other.subscribe({ group: 'fixed', ...options, on }).ready).rejects.toMatchObject({
          code: 'GROUP_MISMATCH',
          group: 'fixed',
        });
      }
      await other.subscribe({ group: 'fixed', partitions: 8, on, retry: quick }).ready;
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { BusUnderTest } from './contract-blog.ts';
import { settled, until } from './until.ts';

const groups = ['search', 'mail', 'feed'];

/** A handler that keeps what it gets, under its group. */
function keeper(seen: Record<string, string[]>, group: string) {
  const titles: string[] = [];
  seen[group] = titles;
  return { 'post-published': ({ data }: { data: { title: string } }) => void titles.push(data.title) };
}

export function hubContract(test: () => BusUnderTest): void {
  describe('a hub', () => {
    it('begins nothing before its start, and all of it then', async () => {
      const { bus, opened } = test();
      const hub = bus.hub();
      const seen: Record<string, string[]> = {};
      for (const group of groups) hub.subscribe({ group, from: 'new', on: keeper(seen, group) });
      await opened.publish('p1', 'before');
      const started = hub.start();
      expect(hub.start()).toBe(started);
      await started;
      await opened.publish('p1', 'after');
      await until(() => groups.every((group) => seen[group]?.length));
      expect(seen).toEqual({ search: ['after'], mail: ['after'], feed: ['after'] });
    });

    it('that cannot begin one of its groups names it, and has stopped the others', async () => {
      const { bus, opened, another, log } = test();
      const hub = bus.hub();
      const seen: Record<string, string[]> = {};
      const inTheWay = (await another()).subscribe({ group: 'mail', partitions: 8, on: keeper({}, 'mail') });
      await inTheWay.ready;
      for (const group of groups) hub.subscribe({ group, partitions: 4, on: keeper(seen, group) });
      const error = await settled(hub.start());
      expect(error).toMatchObject({
        ...{ code: 'HUB_FAILED', group: 'mail', cause: { code: 'GROUP_MISMATCH' } },
        message: expect.stringContaining('Group mail could not begin'),
      });
      expect(await settled(hub.closed)).toBe(error);
      await opened.publish('p1', 'a');
      const witness = keeper(seen, 'witness');
      bus.subscribe({ group: 'witness', on: witness });
      await until(() => seen['witness']?.length === 1);
      expect(seen).toEqual({ search: [], mail: [], feed: [], witness: ['a'] });
      expect(log.filter(({ level }) => level === 'error')).toHaveLength(1);
    });

    it('stops all of it: waits for the handlers under way, and begins nothing more', async () => {
      const { bus, opened, another } = test();
      const end = Promise.withResolvers<void>();
      const begun: string[] = [];
      const ended: string[] = [];
      const hub = bus.hub();
      for (const group of groups) {
        hub.subscribe({
          group,
          types: ['post-published'],
          handle: async ({ data }) => {
            begun.push(data.title);
            await end.promise;
            ended.push(data.title);
          },
        });
      }
      await hub.start();
      await opened.publish('p1', 'a', 'b');
      await until(() => begun.length === 3);
      const stopped = hub.stop();
      end.resolve();
      await stopped;
      await hub.closed;
      expect([begun, ended]).toEqual([
        ['a', 'a', 'a'],
        ['a', 'a', 'a'],
      ]);
      const seen: Record<string, string[]> = {};
      const next = await another();
      for (const group of groups) next.subscribe({ group, on: keeper(seen, group) });
      await until(() => groups.every((group) => seen[group]?.length));
      expect(seen).toEqual({ search: ['b'], mail: ['b'], feed: ['b'] });
    });

    it('aborts, all at once, the handlers that its stop does not wait for', async () => {
      const { bus, opened } = test();
      const reasons: unknown[] = [];
      const hub = bus.hub();
      let begun = 0;
      for (const group of groups) {
        hub.subscribe({
          group,
          on: {
            'post-published': (_, { signal }) => {
              signal.addEventListener('abort', () => reasons.push(signal.reason));
              begun += 1;
              return new Promise(() => {});
            },
          },
        });
      }
      await hub.start();
      await opened.publish('p1', 'a');
      await until(() => begun === 3);
      await hub.stop({ timeout: 50 });
      expect(reasons).toMatchObject(groups.map(() => ({ code: 'STOPPED' })));
      await hub.closed;
    });

    it('stops when its signal aborts, also before or while it starts', async () => {
      const { bus } = test();
      const stopping = new AbortController();
      const hubs = ['running', 'starting', 'waiting'].map((group) => {
        const hub = bus.hub({ signal: stopping.signal });
        hub.subscribe({ group, on: keeper({}, group) });
        return hub;
      });
      const [running, starting, waiting] = hubs;
      await running?.start();
      const started = settled(starting?.start() ?? Promise.resolve());
      stopping.abort();
      await Promise.all(hubs.map(({ closed }) => closed));
      const late = bus.hub({ signal: stopping.signal });
      // In memory it has begun at once.
      expect([undefined, 'STOPPED']).toContain(((await started) as { code?: string } | undefined)?.code);
      for (const hub of [waiting, late])
        await expect(hub?.start()).rejects.toMatchObject({ code: 'STOPPED' });
      await late.closed;
    });

    it('ends with its bus, and does not start on one that was stopped', async () => {
      const { bus } = test();
      const [running, waiting] = [bus.hub(), bus.hub()];
      for (const hub of [running, waiting]) hub.subscribe({ group: 'search', on: keeper({}, 'search') });
      await running.start();
      await bus.stop();
      await running.closed;
      await expect(waiting.start()).rejects.toMatchObject({ code: 'STOPPED' });
      await waiting.closed;
    });

    it('refuses at once what its bus would refuse, and what comes too late', async () => {
      const { bus } = test();
      const hub = bus.hub();
      const on = keeper({}, 'search');
      expect(() => hub.subscribe({ group: 'search', concurrency: 0, on })).toThrow('concurrency');
      expect(() => bus.hub({ onFailure: 'panic' as never })).toThrow("must be 'continue' or 'stop'");
      hub.subscribe({ group: 'search', on });
      await hub.start();
      const add = () => hub.subscribe({ group: 'mail', on });
      expect(add).toThrow('Group mail cannot be added to a hub that has been started');
      await hub.stop();
      expect(add).toThrow('The hub was stopped');
      await hub.stop();
    });
  });
}

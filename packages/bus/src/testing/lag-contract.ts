import { describe, expect, it } from 'vitest';
import { type BusUnderTest, Mail, MailWanted, Newsletter, quick } from './contract-blog.ts';
import { settled, until } from './until.ts';

export function lagContract(test: () => BusUnderTest): void {
  describe.each(['key', 'none'] as const)('the lag of a group with order %s', (order) => {
    it('counts what is under way and what waits, for all members together, until it has been handled', async () => {
      const { bus, opened, another } = test();
      const end = Promise.withResolvers<void>();
      const options = {
        ...{ group: 'slow', order, concurrency: 1 },
        on: { 'post-published': () => end.promise },
      };
      const first = bus.subscribe(options);
      expect(await first.lag()).toEqual({ behind: 0 });
      const second = (await another()).subscribe(options);
      await second.ready;
      for (let key = 1; key <= 30; key += 1) await opened.publish(`p${key}`, 'a', 'b');
      for (const member of [first, second]) await until(async () => (await member.lag()).behind === 60);
      end.resolve();
      for (const member of [first, second]) await until(async () => (await member.lag()).behind === 0);
    });

    it('is that of its own group, which goes on while nobody is a member', async () => {
      const { bus, opened } = test();
      const slow = bus.subscribe({ group: 'left', order, on: { 'post-published': () => {} } });
      const fast = bus.subscribe({ group: 'stays', order, on: { 'post-published': () => {} } });
      await Promise.all([slow.ready, fast.ready]);
      await slow.stop();
      await opened.publish('p1', 'a', 'b', 'c');
      await until(async () => (await slow.lag()).behind === 3);
      await until(async () => (await fast.lag()).behind === 0);
    });

    it('counts an event that is tried again, and neither a dead letter nor what is parked behind it', async () => {
      const { bus, opened } = test();
      const end = Promise.withResolvers<void>();
      let attempts = 0;
      const fails = bus.subscribe({
        ...{ group: 'fails', order },
        retry: { ...quick, attempts: 2 },
        on: {
          'post-published': async () => {
            attempts += 1;
            if (attempts > 1) await end.promise;
            throw new Error('down');
          },
        },
      });
      await opened.publish('p1', 'a', 'b');
      await until(() => attempts > 1);
      await until(async () => (await fails.lag()).behind === 2);
      end.resolve();
      await until(async () => (await fails.lag()).behind === 0);
      expect(await Array.fromAsync(bus.deadLetters.list({ group: 'fails', state: 'all' }))).toHaveLength(2);
    });

    it('is nothing where the group begins later', async () => {
      const { bus, opened } = test();
      await opened.publish('p1', 'a', 'b');
      const tomorrow = new Date(Date.now() + 86_400_000);
      const on = { 'post-published': () => {} };
      const groups = [tomorrow, 100].map((from, index) =>
        bus.subscribe({ group: `g${index}`, order, from, on }),
      );
      for (const group of groups) expect(await group.lag()).toEqual({ behind: 0 });
    });
  });

  describe('the lag of a group', () => {
    it('of a topic counts events of that topic', async () => {
      const { bus, opened } = test();
      const topics = await opened.topics();
      try {
        const end = Promise.withResolvers<void>();
        const mail = bus.subscribeTopic(Mail, { group: 'post', on: { 'mail-wanted': () => end.promise } });
        await mail.ready;
        for (const topic of [Mail, Newsletter, Mail, Newsletter])
          await topics.publish(topic, 'ada', MailWanted.create({ text: '' }));
        await until(async () => (await mail.lag()).behind === 2);
        end.resolve();
        await until(async () => (await mail.lag()).behind === 0);
      } finally {
        topics.close();
      }
    });

    it('is not known of one that could not be joined', async () => {
      const { bus } = test();
      const on = { 'post-published': () => {} };
      await bus.subscribe({ group: 'search', partitions: 4, on }).ready;
      const other = bus.subscribe({ group: 'search', partitions: 8, on, retry: quick });
      expect(await settled(other.lag())).toMatchObject({ code: 'GROUP_MISMATCH' });
    });
  });

  it('a bus names what it subscribes to, by its hubs as well, until it has ended', async () => {
    const { bus } = test();
    const names = () => Array.from(bus.subscriptions, ({ group, topic }) => [group, topic]);
    const on = { 'post-published': () => {} };
    const search = bus.subscribe({ group: 'search', on });
    const hub = bus.hub();
    hub.subscribe({ group: 'mail', on });
    hub.subscribeTopic(Mail, { group: 'mail', on: { 'mail-wanted': () => {} } });
    expect(names()).toEqual([['search', undefined]]);
    await hub.start();
    expect(names()).toEqual([
      ['search', undefined],
      ['mail', undefined],
      ['mail', 'mail'],
    ]);
    await search.stop();
    await hub.stop();
    expect(names()).toEqual([]);
  });
}

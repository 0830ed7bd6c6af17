import { describe, expect, it } from 'vitest';
import type { Bus, GroupOptions } from '../bus.ts';
import { type BusUnderTest, type ContractEvent, quick } from './contract-blog.ts';
import { until } from './until.ts';

export function deadLetterContract(test: () => BusUnderTest): void {
  /** A group whose handler refuses titles for as long as they are in `bad`. */
  function refusing(
    bus: Bus<ContractEvent>,
    order: GroupOptions['order'] & string,
    bad: Set<string>,
    seen: string[] = [],
  ) {
    bus.subscribe({
      group: 'mail',
      order,
      retry: { ...quick, attempts: 2 },
      on: {
        'post-published': ({ data }) => {
          if (bad.has(data.title))
            throw Object.assign(new Error(`refused ${data.title}`), { code: 'REFUSED' });
          seen.push(data.title);
        },
      },
    });
    return seen;
  }

  const list = (bus: Bus<ContractEvent>, filter = {}) => Array.fromAsync(bus.deadLetters.list(filter));

  describe.each(['key', 'none'] as const)('a dead letter, with order %s,', (order) => {
    it('says what failed, how often, when, where and why, with the event as it was', async () => {
      const { bus, opened } = test();
      refusing(bus, order, new Set(['bad']));
      await opened.publish('p1', 'bad');
      await until(async () => (await list(bus)).length === 1);
      const [letter] = await list(bus);
      expect(letter).toMatchObject({
        id: expect.stringMatching(/^[\w.@=-]+$/),
        group: 'mail',
        state: 'dead',
        type: 'post-published',
        eventId: expect.any(String),
        aggregate: { type: 'post', id: 'p1' },
        position: 1,
        attempts: 2,
        at: expect.any(Date),
      });
      expect(letter?.errors).toHaveLength(2);
      expect(letter?.errors[1]).toMatchObject({
        at: expect.any(Date),
        name: 'Error',
        message: 'refused bad',
        code: 'REFUSED',
        stack: expect.stringContaining('refused bad'),
        instance: expect.any(String),
      });
      expect(JSON.parse(Buffer.from(letter?.message.body ?? []).toString())).toEqual({ title: 'bad' });
      expect(letter?.message.headers['ce-type']).toBe('post-published');
      expect(await bus.deadLetters.get(letter?.id ?? '')).toEqual(letter);
    });

    it('that is redriven is handled by its group alone, and is gone', async () => {
      const { bus, opened } = test();
      const bad = new Set(['bad']);
      const others: string[] = [];
      const seen = refusing(bus, order, bad);
      bus.subscribe({ group: 'other', on: { 'post-published': ({ data }) => others.push(data.title) } });
      await opened.publish('p1', 'bad');
      await until(async () => (await list(bus)).length === 1);
      bad.clear();
      const [letter] = await list(bus);
      await bus.deadLetters.redrive(letter?.id ?? '');
      await until(async () => (await list(bus)).length === 0);
      expect(seen).toEqual(['bad']);
      expect(others).toEqual(['bad']);
      expect(await bus.deadLetters.get(letter?.id ?? '')).toBeUndefined();
    });

    it('that fails again is a dead letter again, with all that ever failed', async () => {
      const { bus, opened } = test();
      refusing(bus, order, new Set(['bad']));
      await opened.publish('p1', 'bad');
      await until(async () => (await list(bus)).length === 1);
      const [{ id } = { id: '' }] = await list(bus);
      await bus.deadLetters.redrive(id);
      await until(async () => (await bus.deadLetters.get(id))?.errors.length === 4);
      await until(async () => (await bus.deadLetters.get(id))?.attempts === 4);
      expect(await bus.deadLetters.get(id)).toMatchObject({ state: 'dead', errors: [{}, {}, {}, {}] });
    });

    it('may be one of several of its aggregate: all that were redriven while nobody was there are', async () => {
      const { bus, opened, another } = test();
      refusing(bus, order, new Set(['one', 'two']));
      await opened.publish('p1', 'one', 'two');
      const state = order === 'key' ? 'all' : 'dead';
      await until(async () => (await list(bus, { state })).length === 2);
      const other = await another();
      await bus.stop();
      for (const { id } of await list(other)) await other.deadLetters.redrive(id);
      const seen = refusing(other, order, new Set());
      await until(() => seen.length === 2);
      expect(seen.toSorted()).toEqual(['one', 'two']);
      await until(async () => (await list(other, { state })).length === 0);
    });

    it('that is redriven while its group is stopped is handled by the next, however far it had come', async () => {
      const { bus, opened, another } = test();
      refusing(bus, order, new Set(['bad']));
      await opened.publish('p1', 'bad');
      await until(async () => (await list(bus)).length === 1);
      const [{ id } = { id: '' }] = await list(bus);
      const other = await another();
      await bus.stop();
      let tries = 0;
      const first = other.subscribe({
        group: 'mail',
        order,
        retry: { attempts: 3, backoff: () => 60_000 },
        on: {
          'post-published': () => {
            tries += 1;
            throw new Error('still not');
          },
        },
      });
      await other.deadLetters.redrive(id);
      await until(() => tries === 1);
      await until(async () => (await other.deadLetters.get(id))?.errors.length === 3);
      await first.stop();
      const seen = refusing(other, order, new Set());
      // Without order the next try may be a minute away, on the server; asking again makes it come at once.
      if (order === 'none') await other.deadLetters.redrive(id).catch(() => 'it has been handled already');
      await until(() => seen.length > 0);
      await until(async () => (await list(other)).length === 0);
    });

    it('that fails again holds up no other that is redriven, while it waits for its next try', async () => {
      const { bus, opened, another } = test();
      refusing(bus, order, new Set(['one', 'two']));
      await opened.publish('p1', 'one');
      await opened.publish('p2', 'two');
      await until(async () => (await list(bus)).length === 2);
      const letters = await list(bus);
      const redrive = (position: number) =>
        other.deadLetters.redrive(letters.find((letter) => letter.position === position)?.id ?? '');
      const other = await another();
      await bus.stop();
      const tried: string[] = [];
      other.subscribe({
        group: 'mail',
        order,
        retry: { attempts: 3, backoff: () => 60_000 },
        on: {
          'post-published': ({ data }) => {
            tried.push(data.title);
            if (data.title === 'one') throw new Error('still not');
          },
        },
      });
      await opened.publish('p3', 'zero');
      await until(() => tried.length === 1);
      await redrive(1);
      await until(() => tried.length === 2);
      await redrive(2);
      await until(() => tried.length === 3);
      expect(tried).toEqual(['zero', 'one', 'two']);
    });

    it('that two processes redrive at once, twice, is handled and gone', async () => {
      const { bus, opened, another } = test();
      const bad = new Set(['one']);
      const seen = refusing(bus, order, bad);
      await opened.publish('p1', 'one', 'two', 'three');
      await until(async () => (await list(bus)).length === 1);
      if (order === 'key') await until(async () => (await list(bus, { state: 'parked' })).length === 2);
      else await until(() => seen.length === 2);
      const other = await another();
      refusing(other, order, bad, seen);
      const [{ id } = { id: '' }] = await list(bus);
      bad.clear();
      const before = seen.length;
      await Promise.all([bus, other, bus, other].map(({ deadLetters }) => deadLetters.redrive(id)));
      await until(async () => (await list(bus, { state: 'all' })).length === 0);
      // Without order it may be handled by both: delivery is at least once.
      const now = new Set(seen.slice(before));
      expect([...now]).toEqual(order === 'key' ? ['one', 'two', 'three'] : ['one']);
      if (order === 'key') expect(seen).toEqual(['one', 'two', 'three']);
    });

    it('that is discarded is never handled', async () => {
      const { bus, opened } = test();
      const bad = new Set(['bad']);
      const seen = refusing(bus, order, bad);
      await opened.publish('p1', 'bad');
      await until(async () => (await list(bus)).length === 1);
      bad.clear();
      const [{ id } = { id: '' }] = await list(bus);
      await bus.deadLetters.discard(id);
      expect(await list(bus)).toEqual([]);
      await opened.publish('p1', 'next');
      await until(() => seen.length === 1);
      expect(seen).toEqual(['next']);
    });

    it('is redriven by whoever joins the group later, where nobody is there', async () => {
      const { bus, opened, another } = test();
      refusing(bus, order, new Set(['bad']));
      await opened.publish('p1', 'bad');
      await until(async () => (await list(bus)).length === 1);
      const other = await another();
      await bus.stop();
      const [{ id } = { id: '' }] = await list(other);
      await other.deadLetters.redrive(id);
      const seen = refusing(other, order, new Set());
      await until(() => seen.length === 1);
      await until(async () => (await list(other)).length === 0);
    });

    it('is found by group, type, error and time', async () => {
      const { bus, opened } = test();
      refusing(bus, order, new Set(['one', 'two']));
      await opened.publish('p1', 'one');
      await opened.publish('p2', 'two');
      await until(async () => (await list(bus)).length === 2);
      const ids = async (filter: object) => (await list(bus, filter)).map(({ aggregate }) => aggregate.id);
      expect((await ids({ group: 'mail' })).sort()).toEqual(['p1', 'p2']);
      expect(await ids({ group: 'nobody' })).toEqual([]);
      expect(await ids({ error: 'refused two' })).toEqual(['p2']);
      expect(await ids({ type: 'user-joined' })).toEqual([]);
      expect(await ids({ from: new Date(Date.now() + 60_000) })).toEqual([]);
      expect(await ids({ to: new Date(Date.now() + 60_000) })).toHaveLength(2);
    });

    it('that nobody knows is a typed error', async () => {
      const { bus } = test();
      for (const id of ['mail.9', 'nonsense', '', '*.1', 'mail.0']) {
        expect(await bus.deadLetters.get(id)).toBeUndefined();
        await expect(bus.deadLetters.redrive(id)).rejects.toMatchObject({
          code: 'DEAD_LETTER_NOT_FOUND',
          id,
        });
        await expect(bus.deadLetters.discard(id)).rejects.toMatchObject({
          code: 'DEAD_LETTER_NOT_FOUND',
          id,
        });
      }
    });
  });

  describe('a dead letter in a group that keeps order', () => {
    it('has what follows it parked, and redriven in order, before what comes later', async () => {
      const { bus, opened } = test();
      const bad = new Set(['p1-1']);
      const seen = refusing(bus, 'key', bad);
      await opened.publish('p1', 'p1-1', 'p1-2', 'p1-3');
      await opened.publish('p2', 'p2-1');
      await until(async () => (await list(bus, { state: 'parked' })).length === 2);
      expect(seen).toEqual(['p2-1']);
      expect(
        (await list(bus, { state: 'parked' })).map(({ position, attempts }) => [position, attempts]),
      ).toEqual([
        [2, 0],
        [3, 0],
      ]);
      bad.clear();
      const [{ id } = { id: '' }] = await list(bus);
      await bus.deadLetters.redrive(id);
      await opened.publish('p1', 'p1-4');
      await until(() => seen.length === 5);
      expect(seen).toEqual(['p2-1', 'p1-1', 'p1-2', 'p1-3', 'p1-4']);
      await until(async () => (await list(bus, { state: 'all' })).length === 0);
    });

    it('that is discarded lets what was parked behind it go on', async () => {
      const { bus, opened } = test();
      const seen = refusing(bus, 'key', new Set(['p1-1']));
      await opened.publish('p1', 'p1-1', 'p1-2', 'p1-3');
      await until(async () => (await list(bus, { state: 'parked' })).length === 2);
      const [{ id } = { id: '' }] = await list(bus);
      await bus.deadLetters.discard(id);
      await until(() => seen.length === 2);
      expect(seen).toEqual(['p1-2', 'p1-3']);
    });

    it('is what has to be redriven, not what is parked behind it', async () => {
      const { bus, opened } = test();
      const bad = new Set(['p1-1']);
      const seen = refusing(bus, 'key', bad);
      await opened.publish('p1', 'p1-1', 'p1-2', 'p1-3');
      await until(async () => (await list(bus, { state: 'parked' })).length === 2);
      const [{ id: behind } = { id: '' }] = await list(bus);
      for (const { id } of await list(bus, { state: 'parked' })) {
        const parked = { code: 'DEAD_LETTER_PARKED', id, behind };
        await expect(bus.deadLetters.redrive(id)).rejects.toMatchObject(parked);
      }
      bad.clear();
      await bus.deadLetters.redrive(behind);
      await until(() => seen.length === 3);
      expect(seen).toEqual(['p1-1', 'p1-2', 'p1-3']);
    });

    it('stops the redriving of what was parked where that fails', async () => {
      const { bus, opened } = test();
      const bad = new Set(['p1-1']);
      const seen = refusing(bus, 'key', bad);
      await opened.publish('p1', 'p1-1', 'p1-2', 'p1-3');
      await until(async () => (await list(bus, { state: 'parked' })).length === 2);
      const [{ id } = { id: '' }] = await list(bus);
      bad.clear();
      bad.add('p1-2');
      await bus.deadLetters.redrive(id);
      await until(async () => (await list(bus)).some(({ position }) => position === 2));
      expect(
        (await list(bus, { state: 'all' })).map(({ position, state }) => [position, state]).sort(),
      ).toEqual([
        [2, 'dead'],
        [3, 'parked'],
      ]);
      expect(seen).toEqual(['p1-1']);
    });
  });
}

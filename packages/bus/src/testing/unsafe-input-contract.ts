import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DeadLetter } from '../dead-letters.ts';
import { type BusUnderTest, quick } from './contract-blog.ts';
import { until } from './until.ts';

const refuse = () => {
  throw new Error('do not look');
};

function cyclic(): object {
  const thrown: { self?: object } = {};
  thrown.self = thrown;
  return thrown;
}

/** Looks like an error the first time. */
function onlyOnce(): () => object {
  let looks = 0;
  return () => {
    looks += 1;
    return looks === 1 ? Error.prototype : refuse();
  };
}

const hostileField = (field: string) => Object.defineProperty(new Error('hidden'), field, { get: refuse });

/** What handlers may throw; the first few of them do. */
const thrown: Readonly<Record<string, unknown>> = {
  null: null,
  undefined: undefined,
  'a string': 'text',
  'an object without a prototype': Object.create(null),
  'a cyclic object': cyclic(),
  'an object that throws when it is shown': { [inspect.custom]: refuse },
  'a proxy that throws': new Proxy({}, { get: refuse, getPrototypeOf: refuse }),
  'a proxy that throws when it is looked at again': new Proxy(new Error('once'), {
    getPrototypeOf: onlyOnce(),
  }),
  'an error whose message throws': hostileField('message'),
  'an error whose name throws': hostileField('name'),
  'an error whose code throws': hostileField('code'),
  'an error whose stack throws': hostileField('stack'),
  'an error whose name is an object': Object.assign(new Error('named'), { name: Object.create(null) }),
};

/** Names, errors and functions that nobody would write on purpose. */
export function unsafeInputContract(test: () => BusUnderTest): void {
  const letters = () => Array.fromAsync(test().bus.deadLetters.list());

  /** Has one event fail until it is a dead letter. */
  async function failing(order: 'key' | 'none', retry: object, reason: unknown): Promise<DeadLetter> {
    const { bus, opened } = test();
    bus.subscribe({
      group: 'odd',
      order,
      retry: { ...quick, attempts: 2, ...retry },
      on: {
        'post-published': () => {
          throw reason;
        },
      },
    });
    await opened.publish('p1', 'a');
    await until(async () => (await letters()).length === 1);
    const [letter] = await letters();
    return letter as DeadLetter;
  }

  describe('a group', () => {
    it('may have any name that fits, and its dead letters are found by it', async () => {
      const { bus, opened } = test();
      const groups = ['a.b', '*', '>', 'a b', 'größe 🪶', '=', '%2E', 'x'.repeat(128), 'constructor'];
      const seen: string[] = [];
      for (const group of groups) {
        bus.subscribe({
          group,
          retry: { ...quick, attempts: 1 },
          on: {
            'post-published': () => {
              seen.push(group);
              throw new Error('no');
            },
          },
        });
      }
      await opened.publish('p1', 'a');
      await until(async () => (await letters()).length === groups.length);
      expect(seen.toSorted()).toEqual(groups.toSorted());
      for (const group of groups) {
        const found = await Array.fromAsync(bus.deadLetters.list({ group }));
        expect(found.map((letter) => letter.group)).toEqual([group]);
        expect(await bus.deadLetters.get(found[0]?.id ?? '')).toMatchObject({ group });
        await bus.deadLetters.discard(found[0]?.id ?? '');
      }
      expect(await letters()).toEqual([]);
    });

    it('without a name, or with one that is too long, is refused', () => {
      const { bus } = test();
      for (const group of ['', 'x'.repeat(129), '🪶'.repeat(11), '\ud800']) {
        expect(() => bus.subscribe({ group, on: { 'post-published': () => {} } })).toThrow(
          expect.objectContaining({ code: 'INVALID_SUBJECT_TOKEN', what: 'group' }),
        );
      }
    });

    it('that begins at a position that is still to come begins there', async () => {
      const { bus, opened } = test();
      const last = await opened.publish('p1', 'a');
      const seen: string[] = [];
      const on = { 'post-published': ({ data }: { data: { title: string } }) => void seen.push(data.title) };
      await bus.subscribe({ group: 'ahead', from: last + 2, on }).ready;
      await opened.publish('p1', 'b', 'c');
      await until(() => seen.length > 0);
      expect(seen).toEqual(['c']);
    });

    it('that begins nowhere is refused', () => {
      const { bus } = test();
      for (const from of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, new Date(Number.NaN)]) {
        expect(() => bus.subscribe({ group: 'odd', from, on: { 'post-published': () => {} } })).toThrow(
          expect.objectContaining({ code: 'INVALID_SUBSCRIPTION', option: 'from' }),
        );
      }
    });
  });

  describe.each(['key', 'none'] as const)('a handler, with order %s,', (order) => {
    it.each(Object.entries(thrown))('may throw %s, and the event is a dead letter', async (_, reason) => {
      const letter = await failing(order, {}, reason);
      expect(letter).toMatchObject({ attempts: 2, errors: [{}, {}] });
      for (const { name, message } of letter.errors) {
        expect(name).toEqual(expect.any(String));
        expect(message).not.toBe('');
      }
    });

    it('may throw more than fits into a message, which is cut and says so', async () => {
      const text = 'é'.repeat(10 * 2 ** 20);
      const error = Object.assign(new Error(text), { code: text, stack: text, name: text });
      const { errors } = await failing(order, {}, error);
      expect(JSON.stringify(errors).length).toBeLessThan(50_000);
      expect(errors[0]?.message).toMatch(/^é+… \(cut, 10485760 characters\)$/);
    });

    it('may fail more often than can be kept, and the newest failures are', async () => {
      let count = 0;
      const error = Object.defineProperty(new Error(), 'message', { get: () => `no ${count++}` });
      const letter = await failing(order, { attempts: 60, backoff: () => 0 }, error);
      expect(letter.attempts).toBe(60);
      expect(letter.errors).toHaveLength(32);
    });
  });

  describe.each(['key', 'none'] as const)('the retry of a group with order %s', (order) => {
    it('waits for no time where backoff is below zero, and asks when() only for advice', async () => {
      expect(await failing(order, { backoff: () => -1, when: refuse }, new Error('no'))).toMatchObject({
        attempts: 2,
      });
    });

    it('waits a minute where backoff throws or makes no sense', async () => {
      const { bus, opened, log } = test();
      const odd = {
        throws: refuse,
        nan: () => Number.NaN,
        symbol: () => Symbol('soon') as unknown as number,
      };
      for (const [group, backoff] of Object.entries(odd)) {
        bus.subscribe({
          group,
          order,
          retry: { backoff, jitter: 0 },
          on: {
            'post-published': () => {
              throw new Error('no');
            },
          },
        });
      }
      await opened.publish('p1', 'a');
      const waiting = () => log.filter(({ message }) => message.includes('again in 60000 ms'));
      await until(() => waiting().length === 3);
    });

    it('waits as long as a timer can where backoff is without end', async () => {
      const { bus, opened, log } = test();
      bus.subscribe({
        group: 'patient',
        order,
        retry: { backoff: () => Number.POSITIVE_INFINITY, jitter: 0 },
        on: {
          'post-published': () => {
            throw new Error('no');
          },
        },
      });
      await opened.publish('p1', 'a');
      await until(() => log.some(({ message }) => message.includes(`again in ${2 ** 31 - 1} ms`)));
    });
  });
}

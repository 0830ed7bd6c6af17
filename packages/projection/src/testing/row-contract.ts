import { describe, expect, it } from 'vitest';
import { InvalidKeyError, RowMismatchError } from '../repository-errors.ts';
import type { ContractRow, OpenedRepository } from './contract-row.ts';

export function rowContract(opened: () => OpenedRepository): void {
  const rows = () => opened().repository;
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  describe('rows', () => {
    it('are not there at first', async () => {
      expect(await rows().get('a')).toBeUndefined();
      expect(await rows().getMany(['a', 'b'])).toEqual(new Map());
      expect(await rows().find()).toEqual([]);
      expect(await rows().page()).toEqual({ rows: [], next: undefined });
      await rows().delete('a');
    });

    it('come back as they were saved last, also for others', async () => {
      await rows().save('a', { text: 'one' });
      await rows().save('a', { text: 'two', count: 2, flag: false, none: null, list: [1, 2] });
      expect(await rows().get('a')).toEqual({ text: 'two', count: 2, flag: false, none: null, list: [1, 2] });
      expect(await (await opened().another()).get('a')).toEqual(await rows().get('a'));
    });

    it('are saved and read by many, the last of those with one key', async () => {
      await rows().saveMany([
        ['a', { text: '1' }],
        ['b', { text: '2' }],
        ['a', { text: '3' }],
      ]);
      await rows().saveMany([]);
      expect(await rows().getMany(['a', 'b', 'c', 'a'])).toEqual(
        new Map([
          ['a', { text: '3' }],
          ['b', { text: '2' }],
        ]),
      );
      expect(await rows().getMany([])).toEqual(new Map());
    });

    it('are all saved or none, where one cannot be', async () => {
      const bad = { text: 5 } as unknown as ContractRow;
      const refused = await refusal(
        rows().saveMany([
          ['a', { text: '1' }],
          ['b', bad],
        ]),
      );
      expect(refused).toBeInstanceOf(RowMismatchError);
      expect(refused).toMatchObject({ view: 'contract', key: 'b', issues: [{ path: ['text'] }] });
      expect(await rows().find()).toEqual([]);
    });

    it('are gone when deleted, and can be saved again', async () => {
      for (const key of ['a', 'b', 'c']) await rows().save(key, { text: key });
      await rows().delete('b');
      expect(await rows().get('b')).toBeUndefined();
      expect(await rows().find()).toEqual([{ text: 'a' }, { text: 'c' }]);
      await rows().save('b', { text: 'again' });
      expect(await rows().get('b')).toEqual({ text: 'again' });
    });

    it('are refused where their schema would change them, so that nobody gets another row than was saved', async () => {
      const more = { text: 'a', more: 'unknown' } as ContractRow;
      expect(await refusal(rows().save('a', more))).toMatchObject({
        code: 'ROW_MISMATCH',
        issues: [{ path: ['more'], message: 'is left out by the schema' }],
      });
      expect(await rows().find()).toEqual([]);
    });

    it('have keys of any text', async () => {
      const keys = [
        '🐦',
        "it's",
        '"quoted"',
        'a.b',
        '*',
        '>',
        ' ',
        'a b',
        '__proto__',
        '\\',
        '%',
        '$1',
        '\n',
        'é',
        'e\u0301',
      ];
      keys.push('x'.repeat(512), '🐦'.repeat(128));
      for (const key of keys) await rows().save(key, { text: key });
      for (const key of keys) expect(await rows().get(key)).toEqual({ text: key });
      expect((await rows().getMany(keys)).size).toBe(keys.length);
      expect(await rows().find()).toHaveLength(keys.length);
      for (const key of keys) await rows().delete(key);
      expect(await rows().find()).toEqual([]);
    });

    it('have no other keys: none, with NUL, cut within a character, over 512 bytes', async () => {
      for (const key of [
        '',
        'a\0b',
        '\ud83d',
        'x'.repeat(513),
        `${'🐦'.repeat(128)}x`,
        5 as unknown as string,
      ]) {
        expect(await refusal(rows().save(key, { text: '' }))).toBeInstanceOf(InvalidKeyError);
        expect(await rows().get(key)).toBeUndefined();
        expect(await rows().getMany([key])).toEqual(new Map());
        await rows().delete(key);
      }
      expect(await rows().find()).toEqual([]);
    });

    it('keep texts, numbers and fields of any name as they are', async () => {
      const odd = JSON.parse('{"__proto__": {"admin": true}, "": 1, "constructor": [], "a.b": {"$1": null}}');
      const text = '\u0001 \\u0000 " \' 🐦 \u2028 \uffff é';
      for (const count of [0.1, 1e21, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2, -1.5]) {
        await rows().save('a', { text, count, odd });
        const found = await rows().get('a');
        expect(found).toEqual({ text, count, odd });
        expect(Object.keys(found?.odd ?? {}).sort()).toEqual(Object.keys(odd).sort());
        expect(found?.odd?.['admin']).toBeUndefined();
      }
    });

    it('count undefined as absent and -0 as 0', async () => {
      await rows().save('a', { text: '', count: -0, odd: { gone: undefined } });
      const found = await rows().get('a');
      expect(found?.count === 0).toBe(true);
      expect(found?.odd?.['gone']).toBeUndefined();
      expect(await rows().find({ count: 0 })).toHaveLength(1);
    });

    it('are refused where JSON would change them in silence, with the place', async () => {
      class Money {
        readonly cents = 5;
      }
      const values = [
        Number.NaN,
        Number.POSITIVE_INFINITY,
        5n,
        [undefined],
        () => 5,
        Symbol('a'),
        new Money(),
        'a\0b',
        '\ud83d',
      ];
      for (const value of values) {
        const refused = await refusal(rows().save('a', { text: '', odd: { deep: { value } } }));
        expect(refused).toBeInstanceOf(RowMismatchError);
        expect((refused as RowMismatchError).issues[0]?.path.slice(0, 3)).toEqual(['odd', 'deep', 'value']);
      }
      expect(await rows().get('a')).toBeUndefined();
    });

    it('that were handed out do not change with later ones, nor with the row they were saved from', async () => {
      const saved = { text: 'one', list: [1] };
      await rows().save('a', saved);
      try {
        saved.list.push(2);
      } catch {
        // An implementation may freeze what it was given.
      }
      const before = await rows().get('a');
      await rows().save('a', { text: 'two' });
      expect(before).toEqual({ text: 'one', list: [1] });
    });
  });
}

import { beforeEach, describe, expect, it } from 'vitest';
import type { Where } from '../repository.ts';
import { InvalidQueryError } from '../repository-errors.ts';
import type { ContractRow, OpenedRepository } from './contract-row.ts';

export function findContract(opened: () => OpenedRepository): void {
  const found = async (where: Where<ContractRow>) =>
    (await opened().repository.find(where)).map(({ text }) => text).join(' ');

  describe('rows are found', () => {
    beforeEach(async () => {
      await opened().repository.saveMany([
        ['5', { text: 'e', count: 10, none: '10' }],
        ['1', { text: 'a', count: 2, flag: true, none: null }],
        ['3', { text: 'c', count: -1.5, flag: false, none: '' }],
        ['2', { text: 'b', count: 10, none: 'x' }],
        ['4', { text: '🐦', flag: true, none: "'; DROP TABLE x; --" }],
      ]);
    });

    it('in the order of their keys', async () => {
      expect(await found({})).toBe('a b c 🐦 e');
    });

    it('by equal scalars, all of which have to hold', async () => {
      expect(await found({ count: 10 })).toBe('b e');
      expect(await found({ text: '🐦' })).toBe('🐦');
      expect(await found({ flag: true })).toBe('a 🐦');
      expect(await found({ flag: false })).toBe('c');
      expect(await found({ count: 10, text: 'e' })).toBe('e');
      expect(await found({ count: 10, flag: true })).toBe('');
      expect(await found({ none: '' })).toBe('c');
    });

    it('by null, which a missing field has too', async () => {
      expect(await found({ none: null })).toBe('a');
      expect(await found({ flag: undefined } as Where<ContractRow>)).toBe('b e');
      expect(await found({ none: { in: [null, 'x'] } })).toBe('a b');
    });

    it('by one of several', async () => {
      expect(await found({ count: { in: [2, -1.5, 99] } })).toBe('a c');
      expect(await found({ text: { in: [] } })).toBe('');
      expect(await found({ flag: { in: [true, false] } })).toBe('a c 🐦');
    });

    it('by ranges of numbers, compared as numbers, and of texts by their bytes', async () => {
      expect(await found({ count: { above: 2 } })).toBe('b e');
      expect(await found({ count: { atLeast: 2 } })).toBe('a b e');
      expect(await found({ count: { above: -2, below: 2 } })).toBe('c');
      expect(await found({ count: { atMost: 2 } })).toBe('a c');
      expect(await found({ text: { above: 'b', atMost: 'e' } })).toBe('c e');
      expect(await found({ text: { above: '\uffff' } })).toBe('🐦');
      expect(await found({ none: { atLeast: '' } })).toBe('b c 🐦 e');
    });

    it('by texts that look like something else', async () => {
      expect(await found({ none: '10' })).toBe('e');
      expect(await found({ none: "'; DROP TABLE x; --" })).toBe('🐦');
      expect(await found({ none: '%' })).toBe('');
    });

    it('by fields whose names are data', async () => {
      for (const field of [
        "x'; DROP TABLE y; --",
        '"',
        '$1',
        '__proto__',
        'constructor',
        'toString',
        '',
        '\\',
        'a.b',
        '{a}',
      ]) {
        const own = JSON.parse(`{${JSON.stringify(field)}: 1}`) as Where<ContractRow>;
        expect(await found(own)).toBe('');
      }
      expect(await found({})).toBe('a b c 🐦 e');
    });

    it('only by what makes sense', async () => {
      const wrong: unknown[] = [
        { count: Number.NaN },
        { text: 'a\0' },
        { text: '\ud83d' },
        { text: {} },
        { text: { like: 'a' } },
        { text: { in: 'a' } },
        { text: { in: ['a'], above: 'b' } },
        { count: { above: 1, below: 'x' } },
        { list: [1] },
        { odd: { in: [{}] } },
        { 'a\0': 1 },
        ['a'],
        5,
      ];
      for (const where of wrong) {
        await expect(found(where as Where<ContractRow>), JSON.stringify(where)).rejects.toThrow(
          InvalidQueryError,
        );
      }
    });
  });
}

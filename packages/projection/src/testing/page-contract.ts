import { describe, expect, it } from 'vitest';
import type { PageQuery } from '../repository.ts';
import { InvalidQueryError } from '../repository-errors.ts';
import type { ContractRow, OpenedRepository } from './contract-row.ts';

export function pageContract(opened: () => OpenedRepository): void {
  const rows = () => opened().repository;

  async function allPages(query: PageQuery<ContractRow>): Promise<string> {
    const texts: string[] = [];
    let after: string | undefined;
    do {
      const page = await rows().page({ ...query, ...(after !== undefined && { after }) });
      expect(page.rows.length).toBeLessThanOrEqual(query.limit ?? 100);
      texts.push(...page.rows.map(({ text }) => text));
      after = page.next;
    } while (after !== undefined);
    return texts.join(' ');
  }

  const saveAll = (all: Readonly<Record<string, Omit<ContractRow, 'text'>>>) =>
    rows().saveMany(Object.entries(all).map(([key, row]) => [key, { ...row, text: key }] as const));

  describe('pages', () => {
    it('hold each row once, by keys in the order of their bytes', async () => {
      await saveAll({ b: {}, '｡': {}, a: {}, B: {}, '🐦': {}, é: {}, aa: {}, _: {}, 'a-b': {} });
      for (const limit of [1, 2, 3, 9, 10]) {
        expect(await allPages({ limit })).toBe('B _ a a-b aa b é ｡ 🐦');
        expect(await allPages({ limit, direction: 'descending' })).toBe('🐦 ｡ é b aa a-b a _ B');
      }
    });

    it('are sorted by numbers as numbers, those without one last', async () => {
      await saveAll({
        a: { count: 10 },
        b: { count: 9 },
        c: {},
        d: { count: -0.5 },
        e: { count: 10 },
        f: {},
        g: { count: 1e21 },
      });
      for (const limit of [1, 2, 100]) {
        expect(await allPages({ orderBy: 'count', limit })).toBe('d b a e g c f');
        expect(await allPages({ orderBy: 'count', limit, direction: 'descending' })).toBe('g a e b d c f');
      }
    });

    it('are sorted by texts, those with null last', async () => {
      await saveAll({
        a: { none: 'b' },
        b: { none: null },
        c: { none: '' },
        d: { none: 'B' },
        e: { none: '🐦' },
        f: { none: '｡' },
      });
      for (const limit of [1, 4]) {
        expect(await allPages({ orderBy: 'none', limit })).toBe('c d a f e b');
        expect(await allPages({ orderBy: 'none', limit, direction: 'descending' })).toBe('e f a d c b');
      }
    });

    it('hold what fits', async () => {
      await saveAll({
        a: { count: 3, flag: true },
        b: { count: 2 },
        c: { count: 1, flag: true },
        d: { flag: true },
      });
      expect(await allPages({ where: { flag: true }, limit: 1 })).toBe('a c d');
      expect(await allPages({ where: { flag: true }, orderBy: 'count', limit: 1 })).toBe('c a d');
      expect(await allPages({ where: { count: { atLeast: 2 } }, orderBy: 'text', limit: 2 })).toBe('a b');
    });

    it('have no next where the last row is the last one', async () => {
      await saveAll({ a: {}, b: {} });
      expect(await rows().page({ limit: 2 })).toEqual({
        rows: [{ text: 'a' }, { text: 'b' }],
        next: undefined,
      });
    });

    it('go on after a row that has gone, and show what came meanwhile', async () => {
      await saveAll({ a: {}, b: {}, d: {} });
      const { next = '' } = await rows().page({ limit: 2 });
      await rows().delete('b');
      await saveAll({ c: {}, '0': {} });
      expect((await rows().page({ after: next })).rows.map(({ text }) => text)).toEqual(['c', 'd']);
    });

    it('have 100 rows unless told otherwise', async () => {
      await rows().saveMany(Array.from({ length: 101 }, (_, at) => [`k${at}`, { text: `${at}` }] as const));
      expect((await rows().page()).rows).toHaveLength(100);
    });

    it('are asked for as they can be', async () => {
      await saveAll({ a: {}, b: {} });
      const { next = '' } = await rows().page({ limit: 1 });
      const wrong: unknown[] = [
        { limit: 0 },
        { limit: 1_001 },
        { limit: 1.5 },
        { limit: '5' },
        { orderBy: 5 },
        { orderBy: 'a\0' },
        { direction: 'up' },
        { after: 'x' },
        { after: '' },
        { after: 5 },
        { after: next, orderBy: 'text' },
        { after: next, direction: 'descending' },
        { after: Buffer.from('["+","a",{"a":1}]').toString('base64url') },
        { where: { count: Number.NaN } },
      ];
      for (const query of wrong) {
        await expect(rows().page(query as PageQuery<ContractRow>), JSON.stringify(query)).rejects.toThrow(
          InvalidQueryError,
        );
      }
    });

    it('are sorted by fields whose names are data', async () => {
      await saveAll({ b: {}, a: {} });
      for (const orderBy of ["x' DESC; DROP TABLE y; --", '"', '$1', '__proto__', 'key', 'row']) {
        expect(await allPages({ orderBy: orderBy as 'text', limit: 1 })).toBe('a b');
      }
    });
  });
}

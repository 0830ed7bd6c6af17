import { expect, it } from 'vitest';
import type { DirectReader } from './direct-batch.ts';
import { countSubjects, paceOf, subjectsOf } from './subject-index.ts';

it('a page of a large index is given the time that a busy server takes, and one that gets lost is asked for again', async () => {
  const waits: number[] = [];
  const answer = { state: { subjects: { 'bank.account.a': 1 } }, total: 1 };
  const ask = async (_subject: string, _body: string, timeout: number) => {
    waits.push(timeout);
    if (waits.length === 1) throw new Error('there was no answer before the deadline');
    return { json: () => answer };
  };
  const api = { prefix: '$JS.API', connection: { isClosed: () => false } };
  const reader = { api, link: { up: true }, stream: 'bank', requests: { ask } } as unknown as DirectReader;
  const pages = subjectsOf(reader, 'bank.account.*', { pace: paceOf(1_000_000) });
  expect(await Array.fromAsync(pages)).toEqual([new Map([['bank.account.a', 1]])]);
  expect(waits[0]).toBeGreaterThanOrEqual(30_000);
  expect(waits[1]).toBeGreaterThanOrEqual(2 * (waits[0] ?? 0));
});

it('subjects are counted by one question that is answered with none of them', async () => {
  const asked: unknown[] = [];
  const ask = async (_subject: string, body: string) => {
    asked.push(JSON.parse(body));
    return { json: () => ({ state: {}, total: 250_000 }) };
  };
  const api = { prefix: '$JS.API', connection: { isClosed: () => false } };
  const reader = { api, link: { up: true }, stream: 'bank', requests: { ask } } as unknown as DirectReader;
  expect(await countSubjects(reader, 'bank.account.*', 300_000)).toBe(250_000);
  expect(asked).toEqual([{ subjects_filter: 'bank.account.*', offset: 300_000 }]);
});

it('a page of a small index is asked for again soon', () => {
  expect(paceOf(1_000).firstSilence).toBeLessThan(2_000);
});

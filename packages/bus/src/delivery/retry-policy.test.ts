import { expect, it } from 'vitest';
import { retryPolicy } from './retry-policy.ts';

const waits = (policy: ReturnType<typeof retryPolicy>) =>
  [1, 2, 3, 4, 8].map((attempt) => policy.delayAfter(attempt));

it('doubles the wait up to a minute', () => {
  expect(waits(retryPolicy({ jitter: 0 }))).toEqual([1_000, 2_000, 4_000, 8_000, 60_000]);
});

it('keeps a wait that is longer than a minute to begin with', () => {
  expect(waits(retryPolicy({ jitter: 0, backoff: 90_000 }))).toEqual(Array(5).fill(90_000));
});

it('leaves a part of each wait to chance, and never waits longer', () => {
  expect(waits(retryPolicy({ jitter: 0.5 }, () => 0))).toEqual(waits(retryPolicy({ jitter: 0 })));
  expect(waits(retryPolicy({ jitter: 0.5 }, () => 1))).toEqual([500, 1_000, 2_000, 4_000, 30_000]);
});

it('asks a function for the wait, and takes no nonsense from it', () => {
  expect(waits(retryPolicy({ jitter: 0, backoff: (attempt) => attempt * 10 }))).toEqual([10, 20, 30, 40, 80]);
  expect(retryPolicy({ backoff: () => -1 }).delayAfter(1)).toBe(0);
  expect(retryPolicy({ backoff: () => Number.NaN }).delayAfter(1)).toBe(60_000);
  expect(retryPolicy({ backoff: () => Number.POSITIVE_INFINITY, jitter: 0 }).delayAfter(1)).toBe(2 ** 31 - 1);
});

it('refuses options that make no sense, by their name', () => {
  const wrong = { attempts: 0, backoff: -1, jitter: 2, when: true };
  for (const [option, value] of Object.entries(wrong)) {
    expect(() => retryPolicy({ [option]: value } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_SUBSCRIPTION', option: `retry.${option}` }),
    );
  }
});

import { describe, expect, it } from 'vitest';
import { countOf, failuresOf, forgive, type History, isRedriven, noHistory, withError } from './history.ts';

const error = { at: new Date(0), name: 'Error', message: 'no', instance: 'i' };
const failed = (times: number): History =>
  Array.from({ length: times }).reduce<History>((history) => withError(history, error), noHistory);

describe('a history that is forgiven', () => {
  it('counts its failures, and none of them towards the attempts', () => {
    const history = forgive({ ...failed(2), begun: { at: new Date(0), instance: 'i' } }, 2);
    expect([failuresOf(history), countOf(history), history.begun]).toEqual([2, 0, undefined]);
    expect(isRedriven(history, 2)).toBe(true);
    expect(countOf(withError(history, error))).toBe(1);
  });

  it('counts those that it has lost as well', () => {
    for (const found of [noHistory, failed(1)]) {
      const history = forgive(found, 4);
      expect([failuresOf(history), countOf(history)]).toEqual([4, 0]);
      expect(isRedriven(history, 4)).toBe(true);
      expect(isRedriven(withError(history, error), 5)).toBe(false);
    }
  });
});

import { expect, it } from 'vitest';
import { groupToken, readGroupToken } from './group-token.ts';

it('names a group, with its topic, by what no other has', () => {
  expect(groupToken('a.b')).toBe('a=2Eb');
  expect(groupToken('a@b')).not.toBe(groupToken('a', 'b'));
  for (const topic of [undefined, 'mail', '*'])
    expect(readGroupToken(groupToken('two words', topic))).toEqual({ group: 'two words', topic });
});

it('refuses what is too long together for the name of a consumer', () => {
  const long = 'x'.repeat(128);
  expect(groupToken(long)).toBe(long);
  expect(() => groupToken(long, long)).toThrow(/takes 257 bytes/);
});

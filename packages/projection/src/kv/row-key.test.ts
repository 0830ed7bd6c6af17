import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rowKey, rowToken } from './row-key.ts';

it('a key comes back from its token, which is one token of a subject and like no other key’s', () => {
  const key = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(key, key, (one, other) => {
      expect(rowToken(one)).toMatch(/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/);
      expect(rowKey(rowToken(one))).toBe(one);
      expect(rowToken(one) === rowToken(other)).toBe(one === other);
    }),
  );
  expect(rowToken('a.b')).toBe('a=2Eb');
  expect(rowKey(rowToken('🐦'.repeat(128)))).toBe('🐦'.repeat(128));
});

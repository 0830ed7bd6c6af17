import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTexts } from './compare-texts.ts';

describe('texts', () => {
  it('are in the order of their bytes in UTF-8', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', 'é', '｡', '\uffff', '🐦', '😀') }),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const bytes = Buffer.compare(Buffer.from(one), Buffer.from(other));
        expect(Math.sign(compareTexts(one, other))).toBe(bytes);
      }),
    );
  });
});

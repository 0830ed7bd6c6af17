import { expect, test } from 'vitest';
import { tokenText } from './token-text.ts';

test('a token is shown as what it stands for', () => {
  expect(tokenText('a=2Eb')).toBe('a.b');
});

test.each(['', 'x=zz', '=61', '*'])('a token that Pipit never wrote is shown as it is: %j', (token) => {
  expect(tokenText(token)).toBe(token);
});

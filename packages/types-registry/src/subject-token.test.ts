import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidSubjectTokenError } from './envelope-errors.ts';
import { decodeToken, encodeToken, maxTokenBytes, requireStoreName } from './subject-token.ts';

/** Text that fits a token even if every byte of it has to be encoded: 10 characters of 4 bytes take 120. */
const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 10 })
  .filter((value) => value.isWellFormed());

test('letters, digits, dash and underscore stay as they are', () => {
  expect(encodeToken('id', 'Post_42-a')).toBe('Post_42-a');
});

test('what would break a subject becomes =XX of its UTF-8 bytes', () => {
  expect(encodeToken('id', 'a.b')).toBe('a=2Eb');
  expect(encodeToken('id', '*')).toBe('=2A');
  expect(encodeToken('id', '>')).toBe('=3E');
  expect(encodeToken('id', 'a b\r\n\t\0')).toBe('a=20b=0D=0A=09=00');
  expect(encodeToken('id', '=')).toBe('=3D');
  expect(encodeToken('id', '$JS')).toBe('=24JS');
  expect(encodeToken('id', 'é😀')).toBe('=C3=A9=F0=9F=98=80');
});

test('every token reads back as its value', () => {
  fc.assert(fc.property(text, (value) => decodeToken('id', encodeToken('id', value)) === value));
});

test('no token holds a wildcard, a dot, a space or anything else a subject cannot', () => {
  fc.assert(fc.property(text, (value) => /^[A-Za-z0-9_=-]{1,128}$/.test(encodeToken('id', value))));
});

test('different values have different tokens', () => {
  fc.assert(fc.property(text, text, (a, b) => (encodeToken('id', a) === encodeToken('id', b)) === (a === b)));
});

test('a token that no value has is refused', () => {
  const writtenByPipit = /^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/;
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'=2E2eaF80C3A9.*>-_ é') }), (token) => {
      let value: string;
      try {
        value = decodeToken('id', token);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidSubjectTokenError);
        return;
      }
      expect(token).toMatch(writtenByPipit);
      expect(encodeToken('id', value)).toBe(token);
    }),
  );
});

test.each([
  ['', 'empty'],
  ['=', 'an escape without digits'],
  ['=2e', 'lower-case digits'],
  ['=61', 'an escape of a letter, which has a shorter spelling'],
  ['=C3', 'half of a character'],
  ['=ED=A0=80', 'a surrogate'],
  ['=C0=AE', 'an overlong dot'],
  ['a.b', 'two tokens'],
  ['*', 'a wildcard'],
  ['>', 'a wildcard'],
  ['x'.repeat(129), 'too long'],
])('token %j is refused: %s', (token) => {
  expect(() => decodeToken('id', token)).toThrow(InvalidSubjectTokenError);
});

test('a value takes 128 bytes encoded and no more', () => {
  expect(encodeToken('id', 'x'.repeat(128))).toHaveLength(maxTokenBytes);
  expect(encodeToken('id', '.'.repeat(42))).toHaveLength(126);
  for (const value of [
    'x'.repeat(129),
    '.'.repeat(43),
    '😀'.repeat(11),
    'x'.repeat(10_000),
    'é'.repeat(10_000),
  ]) {
    expect(() => encodeToken('id', value)).toThrow('takes more than 128 bytes');
  }
});

test('what has no UTF-8 form, is empty or is no text is refused', () => {
  expect(() => encodeToken('id', '')).toThrow('id "" cannot be used: it is empty');
  expect(() => encodeToken('id', 'a\ud800')).toThrow('half of a surrogate pair');
  expect(() => encodeToken('id', 42 as unknown as string)).toThrow('it is not a string');
  expect(() => encodeToken('id', undefined as unknown as string)).toThrow('it is not a string');
});

test('a refusal names what was refused, with its value, in a message of bearable length', () => {
  const error = refusalOf(() => encodeToken('aggregate id', 'x'.repeat(10_000)));
  expect(error).toMatchObject({
    code: 'INVALID_SUBJECT_TOKEN',
    name: 'InvalidSubjectTokenError',
    what: 'aggregate id',
    value: 'x'.repeat(10_000),
  });
  expect(error.message).toContain('(10000 characters)');
  expect(error.message.length).toBeLessThan(400);
});

test('a store name is refused where an id would be encoded, because streams take it as it is', () => {
  expect(requireStoreName('blog-2_x')).toBe('blog-2_x');
  for (const name of ['', 'a.b', '*', '>', 'a b', '$JS', 'é', '_INBOX', 'x'.repeat(129)]) {
    expect(() => requireStoreName(name), name).toThrow(InvalidSubjectTokenError);
  }
});

function refusalOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedEnvelopeError } from './envelope-errors.ts';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'%0Aa "\r\n\t\0é😀~') }),
);

test('the examples of the CloudEvents binding come out as it says', () => {
  expect(encodeHeaderValue('Euro € 😀')).toBe('Euro%20%E2%82%AC%20%F0%9F%98%80');
  expect(decodeHeaderValue('x', 'Euro%20%e2%82%ac%20%F0%9F%98%80')).toBe('Euro € 😀');
});

test('printable ASCII but space, quote and percent stays as it is', () => {
  const printable = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index));
  const encoded = printable.map((character) => ({ '"': '%22', '%': '%25' })[character] ?? character);
  expect(printable.map(encodeHeaderValue)).toEqual(encoded);
  expect(encodeHeaderValue(printable.join(''))).toBe(encoded.join(''));
});

test('every well-formed text reads back as it was', () => {
  fc.assert(
    fc.property(text, (value) => {
      fc.pre(value.isWellFormed());
      expect(decodeHeaderValue('x', encodeHeaderValue(value))).toBe(value);
    }),
  );
});

test('no line break, space, quote or control character is ever on the wire', () => {
  fc.assert(
    fc.property(text, (value) => {
      fc.pre(value.isWellFormed());
      expect(encodeHeaderValue(value)).toMatch(/^[!#-~]*$/);
    }),
  );
});

test('an escape is read also where none is needed', () => {
  expect(decodeHeaderValue('x', '%61%2e')).toBe('a.');
});

test('half of a surrogate pair has no form', () => {
  expect(() => encodeHeaderValue('a\ud800b')).toThrow(URIError);
  expect(() => encodeHeaderValue('\udc00')).toThrow(URIError);
});

test.each(['%', '%4', '%GG', '100%', '%C3', '%FF'])('the broken escape %j is refused by name', (value) => {
  expect(() => decodeHeaderValue('id', value)).toThrow(MalformedEnvelopeError);
  expect(() => decodeHeaderValue('id', value)).toThrow("The event's id holds a broken percent-encoding");
});

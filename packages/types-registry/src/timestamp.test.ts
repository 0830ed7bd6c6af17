import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidEventError, MalformedEnvelopeError } from './envelope-errors.ts';
import { formatTime, parseTime } from './timestamp.ts';

test('every time that is written reads back to the millisecond', () => {
  const min = new Date('0000-01-01T00:00:00.000Z');
  const max = new Date('9999-12-31T23:59:59.999Z');
  fc.assert(
    fc.property(fc.date({ min, max, noInvalidDate: true }), (time) => {
      expect(parseTime(formatTime(time))).toEqual(time);
    }),
  );
});

test.each([
  ['an invalid date', new Date(Number.NaN)],
  ['a year after 9999', new Date(Date.UTC(10_000, 0))],
  ['a year before 0', new Date(Date.UTC(-1, 0))],
  ['a text', '2026-01-01T00:00:00Z' as unknown as Date],
  ['a number', 5 as unknown as Date],
])('%s is refused before it is written', (_, time) => {
  expect(() => formatTime(time)).toThrow(InvalidEventError);
});

test.each([
  ['2026-11-21T04:33:38Z', '2026-11-21T04:33:38.000Z'],
  ['2026-11-21T04:33:38.1Z', '2026-11-21T04:33:38.100Z'],
  ['2026-11-21T04:33:38.123456789Z', '2026-11-21T04:33:38.123Z'],
  ['2026-11-21t04:33:38z', '2026-11-21T04:33:38.000Z'],
  ['2026-11-21T04:33:38+01:30', '2026-11-21T03:03:38.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2026-12-31T23:00:00-02:00', '2027-01-01T01:00:00.000Z'],
])('%s, as other producers write it, is read', (written, read) => {
  expect(parseTime(written).toISOString()).toBe(read);
});

test.each([
  '',
  'now',
  '1',
  '2026',
  '2026-11-21',
  '2026-11-21T04:33:38',
  '2026-11-21 04:33:38Z',
  'March 7',
  'Sat, 21 Nov 2026 04:33:38 GMT',
  '2026-13-01T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-11-21T25:00:00Z',
  '2026-12-31T23:59:60Z',
  '+012026-01-01T00:00:00Z',
])('%j is not an RFC 3339 time', (value) => {
  expect(() => parseTime(value)).toThrow(MalformedEnvelopeError);
  expect(() => parseTime(value)).toThrow(JSON.stringify(value));
});

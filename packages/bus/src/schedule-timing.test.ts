import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextTime, specificationOf, timingAt, timingCron, timingEvery, timingOf } from './schedule-timing.ts';

const next = (cron: string, after: string) =>
  nextTime('t', timingCron('t', cron), new Date(after))?.toISOString();

it('counts in UTC, whatever the zone and its summer', () => {
  expect(next('0 30 9 * * *', '2026-03-29T09:00:00Z')).toBe('2026-03-29T09:30:00.000Z');
  expect(next('0 30 1 29 3 *', '2026-01-01T00:00:00Z')).toBe('2026-03-29T01:30:00.000Z');
});

it('lets either day match where both are given, as servers do', () => {
  expect(next('0 0 0 15 * fri', '2026-01-10T00:00:00Z')).toBe('2026-01-15T00:00:00.000Z');
  expect(next('0 0 0 15 * fri', '2026-01-15T00:00:00Z')).toBe('2026-01-16T00:00:00.000Z');
  expect(next('0 0 0 * * fri', '2026-01-10T00:00:00Z')).toBe('2026-01-16T00:00:00.000Z');
});

it('writes for the server what it reads back', () => {
  const timings = [
    timingAt('t', new Date(5)),
    timingEvery('t', 1_500),
    timingCron('t', '@hourly'),
    timingCron('t', '0 0 9 * * 1'),
  ];
  for (const timing of timings) expect(timingOf(specificationOf(timing))).toEqual(timing);
});

it('answers any text with a timing or an error that says which schedule', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[0-9*/,\-a-z]{1,6}( [0-9*/,\-a-z]{1,4}){5}$/)),
      (text) => {
        try {
          timingCron('t', text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_SCHEDULE', id: 't', field: 'expression' });
        }
      },
    ),
  );
});

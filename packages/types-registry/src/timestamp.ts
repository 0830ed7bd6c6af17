import { InvalidEventError, MalformedEnvelopeError } from './envelope-errors.ts';

/** RFC 3339, section 5.6. Seconds beyond the millisecond are cut off; a leap second has no `Date`. */
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

let lastWritten = { milliseconds: Number.NaN, text: '' };
let lastRead = { milliseconds: Number.NaN, text: '' };

/**
 * A time as CloudEvents writes it, in UTC.
 *
 * @throws InvalidEventError for what RFC 3339 cannot say: no date, or a year before 0 or after 9999.
 */
export function formatTime(time: Date): string {
  // Under load many events are of one millisecond, and formatting it costs more than the rest of a header block.
  if (time instanceof Date && time.getTime() === lastWritten.milliseconds) return lastWritten.text;
  if (!(time instanceof Date) || Number.isNaN(time.getTime())) {
    throw new InvalidEventError('time', `is not a valid Date: ${String(time)}`);
  }
  const year = time.getUTCFullYear();
  if (year < 0 || year > 9999) throw new InvalidEventError('time', `is in year ${year}, not in 0 to 9999`);
  lastWritten = { milliseconds: time.getTime(), text: time.toISOString() };
  return lastWritten.text;
}

/**
 * `Date` alone reads far more than RFC 3339, some of it by the local time zone, and moves a 30th of February to March.
 *
 * @throws MalformedEnvelopeError
 */
export function parseTime(value: string): Date {
  // Events of one append have one time, and under load many are of one millisecond.
  if (value === lastRead.text) return new Date(lastRead.milliseconds);
  const time = new Date(value.endsWith('Z') ? value : value.toUpperCase());
  if (rfc3339.test(value) && !Number.isNaN(time.getTime()) && isDayOfItsMonth(value)) {
    lastRead = { milliseconds: time.getTime(), text: value };
    return time;
  }
  throw new MalformedEnvelopeError('time', `is not an RFC 3339 time: ${JSON.stringify(value)}`);
}

function isDayOfItsMonth(date: string): boolean {
  const day = Number(date.slice(8, 10));
  if (day <= 28) return true;
  const lastDay = new Date(0);
  lastDay.setUTCFullYear(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0);
  return day <= lastDay.getUTCDate();
}

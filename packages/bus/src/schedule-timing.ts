import { Cron } from 'croner';
import { InvalidScheduleError } from './schedule-errors.ts';
import type { Timing } from './schedules.ts';

/** Servers count nanoseconds since 1970 in 63 bits; what does not fit would fire at once. */
const lastDate = new Date('2262-01-01T00:00:00Z');
const shortestInterval = 1_000;
/** A hundred years. */
const longestInterval = 100 * 365 * 86_400_000;

/** @throws InvalidScheduleError */
export function timingAt(id: string, when: Date): Timing {
  if (!(when instanceof Date) || Number.isNaN(when.getTime()))
    throw new InvalidScheduleError(id, 'date', `is not a valid Date: ${String(when)}`);
  if (when >= lastDate)
    throw new InvalidScheduleError(
      id,
      'date',
      `${when.toISOString()} is behind the last that servers can count, in 2261`,
    );
  return { kind: 'at', at: new Date(Math.max(0, when.getTime())) };
}

/** @throws InvalidScheduleError */
export function timingEvery(id: string, milliseconds: number): Timing {
  if (Number.isInteger(milliseconds) && milliseconds >= shortestInterval && milliseconds <= longestInterval)
    return { kind: 'every', every: milliseconds };
  throw new InvalidScheduleError(
    id,
    'interval',
    `must be a whole number of milliseconds from ${shortestInterval} to a hundred years, not ${String(milliseconds)}`,
  );
}

const number = '\\d{1,2}';
const weekday = '[0-6]|sun|mon|tue|wed|thu|fri|sat';
const month = `${number}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec`;
const fields = [number, number, number, number, month, weekday].map(fieldOf);
const names = ['second', 'minute', 'hour', 'day of month', 'month', 'day of week'];
const predefined: ReadonlySet<string> = new Set(
  ['yearly', 'annually', 'monthly', 'weekly', 'daily', 'midnight', 'hourly'].map((name) => `@${name}`),
);

/**
 * Takes what server and library read alike, which leaves out what only the library knows: `L`, `W`, `#`, 7 for Sunday.
 *
 * @throws InvalidScheduleError
 */
export function timingCron(id: string, expression: string): Timing {
  if (typeof expression !== 'string') throw new InvalidScheduleError(id, 'expression', 'is not a string');
  const cron = expression.trim().split(/\s+/).join(' ');
  if (predefined.has(cron)) return { kind: 'cron', cron };
  const parts = cron.split(' ');
  const shown = JSON.stringify(expression);
  if (parts.length !== fields.length) {
    const reason = `${shown} has ${parts.length} fields, not six: second, minute, hour, day of month, month, day of week`;
    throw new InvalidScheduleError(id, 'expression', reason);
  }
  const wrong = fields.findIndex((field, index) => !field.test(parts[index] ?? ''));
  if (wrong !== -1) {
    const reason = `${shown} has a ${names[wrong]} that is none: ${JSON.stringify(parts[wrong])}`;
    throw new InvalidScheduleError(id, 'expression', reason);
  }
  if (nextOf(id, cron, new Date()) === null)
    throw new InvalidScheduleError(id, 'expression', `${shown} never comes: no date matches it`);
  return { kind: 'cron', cron };
}

function fieldOf(value: string): RegExp {
  const range = `(?:\\*|(?:${value})(?:-(?:${value}))?)(?:/${number})?`;
  return new RegExp(`^${range}(?:,${range})*$`, 'i');
}

function nextOf(id: string, cron: string, after: Date): Date | null {
  try {
    return new Cron(cron, { timezone: 'UTC', sloppyRanges: true }).nextRun(after);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidScheduleError(id, 'expression', `${JSON.stringify(cron)} is none: ${reason}`, cause);
  }
}

/** The first time after another that a timing matches; `undefined` for `every`, which counts from when it was set. */
export function nextTime(id: string, timing: Timing, after: Date): Date | undefined {
  if (timing.kind === 'at') return timing.at;
  if (timing.kind === 'every') return undefined;
  return nextOf(id, timing.cron, after) ?? undefined;
}

/** A timing as the server's `Nats-Schedule` header has it (ADR-51). */
export function specificationOf(timing: Timing): string {
  if (timing.kind === 'at') return `@at ${timing.at.toISOString()}`;
  return timing.kind === 'every' ? `@every ${timing.every}ms` : timing.cron;
}

/** Reads what `specificationOf` writes. */
export function timingOf(specification: string): Timing {
  if (specification.startsWith('@at ')) return { kind: 'at', at: new Date(specification.slice(4)) };
  const [, every] = /^@every (\d+)ms$/.exec(specification) ?? [];
  return every === undefined
    ? { kind: 'cron', cron: specification }
    : { kind: 'every', every: Number(every) };
}

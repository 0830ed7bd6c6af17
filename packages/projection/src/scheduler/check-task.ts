import { Cron } from 'croner';
import type { Task } from './task.ts';
import { InvalidTaskError } from './task-errors.ts';

/** When a task is due: once, or at the times of an expression. */
export type Timing =
  | { readonly at: number; readonly after?: undefined }
  | {
      readonly at: number;
      /** The first time after another, in milliseconds since 1970; `undefined` where there is none. */
      readonly after: (time: number) => number | undefined;
    };

/** The last that a Date can be (ECMA-262, time values). */
const lastTime = 8.64e15;

/**
 * Checks a task, also what the compiler would refuse, and finds out when it is due.
 *
 * @throws InvalidTaskError
 */
export function checkTask(task: Task<unknown>, now: number): Timing {
  if (typeof task !== 'object' || task === null) throw new InvalidTaskError(undefined, 'it', 'is no object');
  const { name, run, retry, timeout } = task;
  if (typeof name !== 'string' || name.trim() === '')
    throw new InvalidTaskError(name, 'name', 'is empty: people shall know it by it');
  if (typeof run !== 'function') throw new InvalidTaskError(name, 'run', 'is no function');
  requireNumber(name, 'timeout', timeout, 'a number of milliseconds above 0', (value) => value > 0);
  if (retry !== undefined) {
    const { attempts, pause, factor, longestPause } = retry;
    requireNumber(name, 'retry.attempts', attempts ?? Number.NaN, 'a whole number from 1', isCount);
    requireNumber(name, 'retry.pause', pause, 'a number of milliseconds from 0', isDuration);
    requireNumber(name, 'retry.factor', factor, 'a number from 1', (value) => value >= 1 && value < Infinity);
    requireNumber(name, 'retry.longestPause', longestPause, 'a number of milliseconds from 0', isDuration);
  }
  return timingOf(task, now);
}

function timingOf({ name, at, delay, cron, timeZone }: Task<unknown>, now: number): Timing {
  const given = Object.entries({ at, delay, cron }).flatMap(([key, value]) =>
    value === undefined ? [] : key,
  );
  if (given.length > 1)
    throw new InvalidTaskError(name, given.join(' and '), 'exclude each other: give one of them');
  if (timeZone !== undefined && cron === undefined)
    throw new InvalidTaskError(name, 'timeZone', 'is for cron: a Date and a delay have none');
  if (at !== undefined) {
    if (at instanceof Date && !Number.isNaN(at.getTime())) return { at: at.getTime() };
    throw new InvalidTaskError(name, 'at', `must be a valid Date, not ${String(at)}`);
  }
  if (cron !== undefined) return timesOf(name, cron, timeZone, now);
  const isInTime = (value: number) => value >= 0 && now + value <= lastTime;
  requireNumber(name, 'delay', delay, 'a number of milliseconds from 0, in the time of Dates', isInTime);
  return { at: now + (delay ?? 0) };
}

function timesOf(name: string, expression: string, timeZone: string | undefined, now: number): Timing {
  const shown = `${JSON.stringify(expression)}${timeZone === undefined ? '' : ` in time zone ${JSON.stringify(timeZone)}`}`;
  try {
    // Without a function it does not run anything, and only tells times.
    const cron = new Cron(expression, { timezone: timeZone ?? 'UTC' });
    const after = (time: number) => cron.nextRun(new Date(time))?.getTime();
    const first = after(now);
    if (first !== undefined) return { at: first, after };
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/[.\s]+$/, '');
    throw new InvalidTaskError(name, 'cron', `${shown} says no times: ${reason}`, cause);
  }
  throw new InvalidTaskError(name, 'cron', `${shown} never comes: no date matches it from now on`);
}

const isDuration = (value: number) => value >= 0 && value < Infinity;
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;

function requireNumber(
  name: string,
  option: string,
  value: number | undefined,
  kind: string,
  fits: (value: number) => boolean,
): void {
  if (value === undefined || (typeof value === 'number' && fits(value))) return;
  throw new InvalidTaskError(name, option, `must be ${kind}, not ${String(value)}`);
}

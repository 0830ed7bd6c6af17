import { InvalidArgumentError } from './invalid-argument.ts';

/** What the compiler refuses, callers without types may pass all the same. */

/** @throws InvalidArgumentError for what is no valid date; left out is fine */
export function checkDate(argument: string, value: Date | undefined): void {
  if (value === undefined || (value instanceof Date && !Number.isNaN(value.getTime()))) return;
  throw new InvalidArgumentError(argument, `must be a valid Date, not ${shown(value)}`);
}

/** @throws InvalidArgumentError for what is no whole number from `least` on; left out is fine */
export function checkWhole(argument: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new InvalidArgumentError(argument, `must be a whole number from ${least}, not ${shown(value)}`);
}

/** For a message: a text in quotes, an object by its kind. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return String(value);
  return Array.isArray(value) ? 'a list' : 'an object';
}

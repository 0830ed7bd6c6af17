import { PipitError } from '@pipit/types-registry';
import { longestDelay } from '../longest-delay.ts';

/** An option that a middleware cannot work with. */
export class InvalidMiddlewareError extends PipitError {
  readonly code = 'INVALID_MIDDLEWARE';
  readonly middleware: string;
  readonly option: string;

  constructor(middleware: string, option: string, reason: string) {
    super(`The ${option} of ${middleware}() ${reason}.`);
    this.middleware = middleware;
    this.option = option;
  }
}

/** @throws InvalidMiddlewareError */
export function requireWhole(middleware: string, option: string, value: number, most = longestDelay): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new InvalidMiddlewareError(
    middleware,
    option,
    `must be a whole number from 1 to ${most}, not ${String(value)}`,
  );
}

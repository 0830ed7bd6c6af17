import { shown } from '../argument-checks.ts';
import { InvalidArgumentError } from '../invalid-argument.ts';

/** A clock that stands still until it is turned; fits every `clock` option. */
export interface FixedClock {
  /** A date of its own each time: changing it does not turn the clock. */
  (): Date;
  /** Turns it on by milliseconds; back, where they are negative. @throws InvalidArgumentError */
  advance(milliseconds: number): void;
  /** @throws InvalidArgumentError for what is no date */
  set(to: Date | string): void;
}

/**
 * Makes a clock that only the test moves.
 *
 * @param at a date, or its text as `new Date` reads it: `2026-01-02T03:04:05Z`
 * @throws InvalidArgumentError for what is no date
 */
export function fixedClock(at: Date | string): FixedClock {
  let now = timeOf('at', at);
  const clock = () => new Date(now);
  return Object.assign(clock, {
    advance(milliseconds: number) {
      now = timeOf('milliseconds', now + milliseconds, milliseconds);
    },
    set(to: Date | string) {
      now = timeOf('to', to);
    },
  });
}

function timeOf(argument: string, at: Date | string | number, given: unknown = at): number {
  const time = new Date(at).getTime();
  if (Number.isNaN(time))
    throw new InvalidArgumentError(argument, `${shown(given)} does not lead to a valid date`);
  return time;
}

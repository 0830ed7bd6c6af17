import { InvalidCommandOptionError } from '../command-errors.ts';
import type { HandleOptions, SendOptions } from '../commands.ts';
import { longestDelay } from '../longest-delay.ts';

/** What a request that says nothing else has, in milliseconds. */
export const defaultTimeout = 10_000;

export interface CheckedHandleOptions {
  readonly concurrency: number;
  readonly waiting: number;
  readonly signal: AbortSignal | undefined;
}

/** @throws InvalidCommandOptionError */
export function checkHandleOptions(options: HandleOptions): CheckedHandleOptions {
  const { concurrency = 100, waiting = 1_000, signal } = options;
  requireCount('concurrency', concurrency, 1, 1_000_000);
  requireCount('waiting', waiting, 0, 1_000_000);
  requireSignal(signal);
  return { concurrency, waiting, signal };
}

/** @throws InvalidCommandOptionError */
export function checkTimeout({ timeout = defaultTimeout, signal }: SendOptions): number {
  requireCount('timeout', timeout, 1, longestDelay);
  requireSignal(signal);
  return timeout;
}

/** @throws InvalidCommandOptionError */
export function requireHandler(handler: unknown): void {
  if (typeof handler !== 'function') throw new InvalidCommandOptionError('handler', 'is not a function');
}

function requireSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new InvalidCommandOptionError('signal', 'is not an AbortSignal');
}

function requireCount(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new InvalidCommandOptionError(
    option,
    `must be a whole number from ${least} to ${most}, not ${String(value)}`,
  );
}

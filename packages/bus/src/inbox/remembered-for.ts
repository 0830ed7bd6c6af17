import { InvalidInboxError } from '../inbox-errors.ts';

/** Milliseconds that an event is remembered, where nobody says another time: 7 days. */
const defaultTtl = 7 * 86_400_000;
/** Milliseconds: a hundred years, which a server can still count in nanoseconds. */
const longestTtl = 100 * 365 * 86_400_000;

/** @throws InvalidInboxError */
export function rememberedFor(ttl: number = defaultTtl): number {
  return requireMilliseconds('ttl', ttl, 1_000, longestTtl);
}

/** @throws InvalidInboxError */
export function requireMilliseconds(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const reason = `must be a whole number of milliseconds from ${least} to ${most}, not ${String(value)}`;
  throw new InvalidInboxError(option, reason);
}

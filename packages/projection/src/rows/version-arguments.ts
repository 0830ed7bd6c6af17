import { InvalidVersionError } from '../version-errors.ts';

/** PostgreSQL keeps them in four bytes. */
const greatestVersion = 2 ** 31 - 1;
const mostShards = 1_024;

/** @throws InvalidVersionError */
export function checkVersion(view: string, version: number): void {
  check(view, 'version', version, greatestVersion);
}

/** @throws InvalidVersionError */
export function checkShards(view: string, shards: number): void {
  check(view, 'number of shards', shards, mostShards);
}

function check(view: string, what: string, value: number, greatest: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= greatest) return;
  throw new InvalidVersionError(view, `${what} ${value} is no whole number from 1 to ${greatest}`);
}

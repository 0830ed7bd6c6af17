import { isDeepStrictEqual } from 'node:util';
import type { PayloadIssue } from './registry-errors.ts';

/**
 * The first place where a value that was written and read again is not what it was, or `undefined`. A key whose value
 * is `undefined` counts as absent, because no codec keeps it and no reader can tell; `-0` counts as `0`.
 *
 * It runs on every write: the path is put together on the way out, and only where something was lost.
 *
 * @throws RangeError for values nested deeper than the stack.
 */
export function lostInRoundTrip(written: unknown, read: unknown): PayloadIssue | undefined {
  if (written === read || (Number.isNaN(written) && Number.isNaN(read))) return undefined;
  if (isPlainObject(written) && isPlainObject(read)) return lostInObject(written, read);
  if (Array.isArray(written) && Array.isArray(read) && written.length === read.length) {
    return lostInArray(written, read);
  }
  if (written instanceof Uint8Array && read instanceof Uint8Array && Buffer.compare(written, read) === 0) {
    return undefined;
  }
  if (isDeepStrictEqual(written, read)) return undefined;
  return notTheSame(written, read);
}

function notTheSame(written: unknown, read: unknown): PayloadIssue {
  return { path: [], message: `is read back as ${describe(read)} where ${describe(written)} was written` };
}

function lostInArray(written: readonly unknown[], read: readonly unknown[]): PayloadIssue | undefined {
  for (let index = 0; index < written.length; index += 1) {
    const lost = lostInRoundTrip(written[index], read[index]);
    if (lost !== undefined) return below(index, lost);
  }
  return undefined;
}

type PlainObject = Readonly<Record<string, unknown>>;

function lostInObject(written: PlainObject, read: PlainObject): PayloadIssue | undefined {
  const writtenKeys = Object.keys(written);
  const readKeys = Object.keys(read);
  let sameKeys = writtenKeys.length === readKeys.length;
  for (let index = 0; index < writtenKeys.length; index += 1) {
    const key = writtenKeys[index] as string;
    const inPlace = readKeys[index] === key;
    sameKeys &&= inPlace;
    const lost = lostInRoundTrip(written[key], inPlace ? read[key] : ownValue(read, key));
    if (lost !== undefined) return below(key, lost);
  }
  // Codecs keep the order of keys, so there is hardly ever anything left to look at.
  return sameKeys ? undefined : addedIn(read, readKeys, written);
}

function addedIn(read: PlainObject, keys: readonly string[], written: PlainObject): PayloadIssue | undefined {
  const added = keys.find((key) => !Object.hasOwn(written, key) && read[key] !== undefined);
  return added === undefined ? undefined : below(added, notTheSame(undefined, read[added]));
}

function below(key: string | number, { path, message }: PayloadIssue): PayloadIssue {
  return { path: [key, ...path], message };
}

/** `__proto__` and `constructor` are keys like any other, where they are the object's own. */
function ownValue(object: PlainObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (value instanceof Date) return `the date ${value.getTime()}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const prototype: { readonly constructor?: unknown } | null = Object.getPrototypeOf(value);
  const made = prototype?.constructor;
  return `a value of ${typeof made === 'function' ? made.name : 'no class'}`;
}

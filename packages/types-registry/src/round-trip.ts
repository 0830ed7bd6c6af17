import { isDeepStrictEqual } from 'node:util';
import type { PayloadIssue } from './registry-errors.ts';

/**
 * The first place where a payload that was written and read again is not what it was, or `undefined`. A key whose
 * value is `undefined` counts as absent: no codec keeps it, and no reader can tell.
 */
export function lostInRoundTrip(
  written: unknown,
  read: unknown,
  path: readonly (string | number)[] = [],
): PayloadIssue | undefined {
  if (written === read || (Number.isNaN(written) && Number.isNaN(read))) return undefined;
  if (Array.isArray(written) && Array.isArray(read) && written.length === read.length) {
    for (const [index, item] of written.entries()) {
      const lost = lostInRoundTrip(item, read[index], [...path, index]);
      if (lost !== undefined) return lost;
    }
    return undefined;
  }
  if (isPlainObject(written) && isPlainObject(read)) {
    for (const key of new Set([...Object.keys(written), ...Object.keys(read)])) {
      const lost = lostInRoundTrip(ownValue(written, key), ownValue(read, key), [...path, key]);
      if (lost !== undefined) return lost;
    }
    return undefined;
  }
  if (isBytes(written) && isBytes(read) && Buffer.compare(written, read) === 0) return undefined;
  if (isDeepStrictEqual(written, read)) return undefined;
  return { path, message: `is read back as ${describe(read)} where ${describe(written)} was written` };
}

function ownValue(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'object' && value !== null)
    return `a value of ${value.constructor?.name ?? 'no class'}`;
  return String(value);
}

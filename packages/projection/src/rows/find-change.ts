import { isDeepStrictEqual } from 'node:util';
import type { PayloadIssue } from '@pipit/types-registry';

/**
 * The first place where a schema has made something else of a row, or `undefined`. A field that is `undefined` counts as
 * absent and `-0` as `0`.
 */
export function findChange(row: unknown, checked: unknown): PayloadIssue | undefined {
  if (row === checked) return undefined;
  if (Array.isArray(row) && Array.isArray(checked)) {
    if (row.length !== checked.length)
      return changed(`has ${row.length} items, and ${checked.length} of them are kept`);
    return inParts(row.keys(), row, checked);
  }
  if (isPlain(row) && isPlain(checked)) {
    return inParts(new Set([...Object.keys(row), ...Object.keys(checked)]), row, checked);
  }
  return isDeepStrictEqual(row, checked) ? undefined : changed('is changed by the schema');
}

function inParts(names: Iterable<string | number>, row: object, checked: object): PayloadIssue | undefined {
  for (const name of names) {
    const [before, after] = [partOf(row, name), partOf(checked, name)];
    if (before === after) continue;
    if (after === undefined) return { path: [name], message: 'is left out by the schema' };
    if (before === undefined) return { path: [name], message: 'is filled in by the schema' };
    const found = findChange(before, after);
    if (found !== undefined) return { path: [name, ...found.path], message: found.message };
  }
  return undefined;
}

function partOf(object: object, name: string | number): unknown {
  return Object.hasOwn(object, name)
    ? (object as Readonly<Record<string | number, unknown>>)[name]
    : undefined;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function changed(message: string): PayloadIssue {
  return { path: [], message };
}

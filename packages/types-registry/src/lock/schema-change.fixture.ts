import { expect, it } from 'vitest';
import { defineEvent } from '../define-event.ts';
import { checkSchemas } from './check-schemas.ts';
import { schemaLock } from './schema-lock.ts';

type Schema = Parameters<typeof defineEvent>[1];

/** Two schemas of a version, the second in the place of the first; a function makes the same one twice. */
export type Change = readonly [what: string, before: Schema, after: Schema];

export function problemsOf(before: Schema, after: Schema) {
  const lock = schemaLock([defineEvent('e', before)]);
  return checkSchemas(JSON.parse(JSON.stringify(lock)), [defineEvent('e', after)]).problems;
}

/** Each is a test: nothing that was written is refused. */
export function itLeavesReadable(changes: readonly Change[]): void {
  it.each(changes)('leaves stored events readable: %s', (_, before, after) => {
    expect(problemsOf(before, after)).toEqual([]);
  });
}

/** Each is a test: these fields, and no others, are named. */
export function itBreaks(changes: readonly (readonly [...Change, paths: readonly string[]])[]): void {
  it.each(changes)('is a break: %s', (_, before, after, paths) => {
    const found = new Set(problemsOf(before, after).map(({ path }) => path.join('.')));
    expect([...found].toSorted()).toEqual(paths.toSorted());
  });
}

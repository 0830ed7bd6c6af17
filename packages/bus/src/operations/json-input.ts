import type { JsonInput } from '../operations.ts';

/**
 * A value as JSON, `undefined` for `undefined`. What JSON would change or drop in silence is refused.
 *
 * @throws TypeError that says where and what; RangeError for what is nested too deep
 */
export function toJson(input: JsonInput): string | undefined {
  if (input === undefined) return undefined;
  return JSON.stringify(input, function (this: unknown, key: string, value: unknown) {
    const original = (this as Readonly<Record<string, unknown>>)[key];
    const problem = problemOf(original, Array.isArray(this));
    if (problem === undefined && original === value) return value;
    const place = key === '' ? '' : ` at ${JSON.stringify(key)}`;
    throw new TypeError(`${problem ?? 'an object with a toJSON of its own'}${place} has no form in JSON`);
  });
}

function problemOf(value: unknown, inArray: boolean): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'undefined':
      return inArray ? 'undefined in an array' : undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : String(value);
    case 'object':
      return value === null || Array.isArray(value) || isPlain(value) ? undefined : `a ${nameOf(value)}`;
    default:
      return `a ${typeof value}`;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: object): string {
  const made: unknown = value.constructor;
  return typeof made === 'function' && made.name !== '' ? made.name : 'value of no class';
}

import type { PayloadIssue } from '@pipit/types-registry';
import { isStorableText } from './check-key.ts';

/**
 * The first place in a row that would not come back from JSON as it is, or `undefined`. A field that is `undefined`
 * counts as absent and `-0` as `0`, because no reader can tell.
 *
 * @param keeps objects that are kept all the same
 */
export function findUnkeepable(
  value: unknown,
  keeps: (value: object) => boolean = keepsNoOther,
): PayloadIssue | undefined {
  switch (typeof value) {
    case 'boolean':
      return undefined;
    case 'string':
      return isStorableText(value) ? undefined : issue('contains NUL, or is cut within a character');
    case 'number':
      return Number.isFinite(value) ? undefined : issue(`is ${value}, which JSON does not have`);
    case 'object':
      if (value === null || keeps(value)) return undefined;
      return Array.isArray(value) ? inArray(value, keeps) : inObject(value, keeps);
    default:
      return issue(`is of type ${typeof value}, which JSON does not have`);
  }
}

const keepsNoOther = () => false;

function issue(message: string): PayloadIssue {
  return { path: [], message };
}

function inArray(array: readonly unknown[], keeps: (value: object) => boolean): PayloadIssue | undefined {
  for (let index = 0; index < array.length; index += 1) {
    const found = findUnkeepable(array[index], keeps);
    if (found !== undefined) return below(index, found);
  }
  return undefined;
}

function inObject(object: object, keeps: (value: object) => boolean): PayloadIssue | undefined {
  const prototype: { readonly constructor?: { readonly name?: string } } | null =
    Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    return issue(
      `is a ${prototype.constructor?.name ?? 'class instance'}, which JSON would turn into something else`,
    );
  }
  for (const field of Object.keys(object)) {
    const value: unknown = (object as Readonly<Record<string, unknown>>)[field];
    if (value === undefined) continue;
    const found =
      findUnkeepable(value, keeps) ??
      (isStorableText(field) ? undefined : issue('has a name with NUL, or cut within a character'));
    if (found !== undefined) return below(field, found);
  }
  return undefined;
}

function below(field: string | number, { path, message }: PayloadIssue): PayloadIssue {
  return { path: [field, ...path], message };
}

import { isDeepStrictEqual } from 'node:util';
import { isAnything, type JsonSchema, type Keywords, without } from './schema-parts.ts';

export function isReference(schema: JsonSchema): boolean {
  return typeof schema === 'object' && typeof schema['$ref'] === 'string';
}

/** What a reference points to, together with what stands beside it; `undefined` where it points out of the document. */
export function resolved(schema: Keywords, root: JsonSchema): JsonSchema | undefined {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const target = pointedTo(reference, root);
  if (target === undefined) return undefined;
  const beside = without(schema, '$ref');
  return isAnything(beside) ? target : { allOf: [beside, target] };
}

/** A JSON Pointer (RFC 6901) in a fragment. */
function pointedTo(reference: string, root: JsonSchema): JsonSchema | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let found: unknown = root;
  for (const token of reference.split('/').slice(1)) {
    const key = decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Keywords)[key];
  }
  return found as JsonSchema;
}

/** Whether two fragments mean the same: they are equal, and so is what they refer to. */
export function isSameFragment(
  a: unknown,
  b: unknown,
  roots: { readonly written: JsonSchema; readonly reader: JsonSchema },
): boolean {
  if (!isDeepStrictEqual(a, b)) return false;
  return !holdsReference(a) || isDeepStrictEqual(roots.written, roots.reader);
}

export function holdsReference(fragment: unknown): boolean {
  if (typeof fragment !== 'object' || fragment === null) return false;
  return Object.entries(fragment).some(([key, value]) => key === '$ref' || holdsReference(value));
}

/** A schema as a part of a larger one, in which it stands at `place`. */
export function moved(schema: JsonSchema, place: string): JsonSchema {
  return rebased(schema, place) as JsonSchema;
}

function rebased(fragment: unknown, place: string): unknown {
  if (Array.isArray(fragment)) return fragment.map((one) => rebased(one, place));
  if (typeof fragment !== 'object' || fragment === null) return fragment;
  return Object.fromEntries(
    Object.entries(fragment).map(([key, value]) => {
      const points = key === '$ref' && typeof value === 'string' && value.startsWith('#');
      return [key, points ? `#${place}${value.slice(1)}` : rebased(value, place)];
    }),
  );
}

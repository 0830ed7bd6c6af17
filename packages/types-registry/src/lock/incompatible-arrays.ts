import type { Compare, Incompatibility } from './comparison.ts';
import { type JsonSchema, type Keywords, mayBe } from './schema-parts.ts';

/** Items that were written and are not taken: those with a place of their own, then all others. */
export function arrayProblems(
  written: Keywords,
  reader: Keywords,
  path: readonly string[],
  compare: Compare,
): readonly Incompatibility[] {
  if (!mayBe(written, 'array')) return [];
  const was = itemsOf(written);
  const now = itemsOf(reader);
  const most = Number(written['maxItems'] ?? Number.POSITIVE_INFINITY);
  const count = Math.min(most, Math.max(was.places.length, now.places.length));
  const placed = Array.from({ length: count }, (_, index) =>
    compare(was.places[index] ?? was.rest, now.places[index] ?? now.rest, [...path, String(index)]),
  );
  return [...placed.flat(), ...(most <= count ? [] : compare(was.rest, now.rest, [...path, '*']))];
}

function itemsOf(schema: Keywords): { readonly places: readonly JsonSchema[]; readonly rest: JsonSchema } {
  return {
    places: (schema['prefixItems'] ?? []) as readonly JsonSchema[],
    rest: (schema['items'] ?? true) as JsonSchema,
  };
}

import type { Incompatibility, Roots } from './comparison.ts';
import { areDisjoint, isOtherKind } from './disjoint.ts';
import { arrayProblems } from './incompatible-arrays.ts';
import { limitProblems } from './incompatible-limits.ts';
import { objectProblems } from './incompatible-objects.ts';
import { typeProblems } from './incompatible-types.ts';
import { exactly, valueProblems } from './incompatible-values.ts';
import { kindByKind } from './kinds.ts';
import { alternativesOfParts, mergedParts, partsOf } from './merged-parts.ts';
import {
  alternatives,
  closesKeys,
  fewValues,
  isAnything,
  isLeaf,
  isNothing,
  type JsonSchema,
  type Keywords,
  namedValues,
  typeByType,
  valueByValue,
  without,
} from './schema-parts.ts';
import { isReference, isSameFragment, resolved } from './schema-reference.ts';

/** So that schemas which multiply by referring to each other end as a problem, not as a stall. */
const mostComparisons = 50_000;
const deepest = 300;

/**
 * Where a payload that one JSON Schema admits is not admitted by another. What cannot be compared (patterns, formats,
 * conditions) counts as refused unless it is the same on both sides: a schema is compatible only if that is proved.
 *
 * @param written of what was written
 * @param reader of what is read now
 */
export function incompatibilities(written: JsonSchema, reader: JsonSchema): readonly Incompatibility[] {
  const roots: Roots = { written, reader };
  /** Pairs that are being compared already, and how deep: a schema that holds itself is compared once. */
  const open = new Map<string, number>();
  let left = mostComparisons;
  let depth = 0;
  return unique(compare(written, reader, []));

  function compare(was: JsonSchema, now: JsonSchema, path: readonly string[]): readonly Incompatibility[] {
    if (isAnything(now) || isNothing(was) || isSameFragment(was, now, roots)) return [];
    const problem = (reason: string) => [{ path, reason }];
    left -= 1;
    if (left < 0 || depth > deepest) return problem('the schema is too large to be compared');
    if (isNothing(now)) return problem('nothing is taken here any more');
    if (was === true || typeof now === 'boolean') return problem(anythingWritten);
    const before = was as Keywords;
    if (isReference(before) || isReference(now) || Array.isArray(before['allOf']))
      return once(before, now, path);
    if (Array.isArray(now['allOf'])) return compareDemands(before, now, path);
    const ways = alternatives(before) ?? typeByType(before) ?? valueByValue(before);
    if (ways !== undefined) return unique(ways.flatMap((way) => compare(way, now, path)));
    const choices = alternatives(now);
    if (choices !== undefined) return compareChoices(before, now, choices, path);
    if (isAnything(was)) return problem(anythingWritten);
    return compareKeywords(before, now, path);
  }

  function once(was: Keywords, now: Keywords, path: readonly string[]): readonly Incompatibility[] {
    const pair = JSON.stringify([was, now]);
    const since = open.get(pair);
    if (since === path.length) return [{ path, reason: 'it refers to itself and to nothing else' }];
    if (since !== undefined) return [];
    open.set(pair, path.length);
    depth += 1;
    try {
      return isReference(was) || isReference(now)
        ? compareReferences(was, now, path)
        : compareParts(was, now, path);
    } finally {
      depth -= 1;
      open.delete(pair);
    }
  }

  function compareReferences(was: Keywords, now: Keywords, path: readonly string[]) {
    const before = resolved(was, roots.written);
    const after = resolved(now, roots.reader);
    if (before !== undefined && after !== undefined) return compare(before, after, path);
    const lost = (before === undefined ? was : now)['$ref'];
    return [{ path, reason: `it refers to ${lost}, which is not in the schema` }];
  }

  function compareDemands(was: Keywords, now: Keywords, path: readonly string[]) {
    const parts = [without(now, 'allOf'), ...(now['allOf'] as readonly JsonSchema[])];
    return unique(parts.flatMap((part) => compare(was, part, path)));
  }

  function compareParts(was: Keywords, now: Keywords, path: readonly string[]): readonly Incompatibility[] {
    if (Array.isArray(now['allOf'])) return compareDemands(was, now, path);
    const parts = partsOf(was, roots.written);
    if (parts.some((part) => isSameFragment(part, now, roots) && !closesKeys(part))) return [];
    if (parts.some((part) => isLeaf(part) && compare(part, now, path).length === 0)) return [];
    const ways = alternativesOfParts(parts);
    if (ways === undefined) return compare(mergedParts(parts), now, path);
    return unique(ways.flatMap((way) => compare(way, now, path)));
  }

  function compareChoices(
    was: Keywords,
    now: Keywords,
    choices: readonly JsonSchema[],
    path: readonly string[],
  ): readonly Incompatibility[] {
    const same = choices.filter((choice) => !isOtherKind(was, choice, roots));
    const candidates = same.length > 0 ? same : choices;
    const failed = candidates.map((choice) => compare(was, choice, path));
    const taker = failed.findIndex((problems) => problems.length === 0);
    if (taker === -1) {
      const values = fewValues(was) ?? [];
      if (values.length > 1) return unique(values.flatMap((value) => compare({ const: value }, now, path)));
      const kinds = kindByKind(was, choices, roots);
      if (kinds !== undefined) return unique(kinds.flatMap((kind) => compare(kind, now, path)));
      // An alternative that takes it but for something inside is the one that was meant.
      const meant = failed.filter((problems) => problems.every((one) => one.path.length > path.length));
      return meant.length === 1
        ? (meant[0] ?? [])
        : [{ path, reason: 'none of the alternatives takes it now' }];
    }
    const isOneOf = !Array.isArray(now['anyOf']);
    const overlaps = candidates.some((choice, index) => index !== taker && !areDisjoint(was, choice, roots));
    return isOneOf && overlaps
      ? [{ path, reason: 'several alternatives may take it now, where only one may' }]
      : [];
  }

  function compareKeywords(was: Keywords, now: Keywords, path: readonly string[]) {
    const named = namedValues(was);
    const isValue = named !== undefined || namedValues(now) !== undefined;
    const values = isValue ? fewValues(was) : undefined;
    if (values === undefined) {
      const reasons = [...typeProblems(was, now), ...limitProblems(was, now, roots)];
      const inside = [...arrayProblems(was, now, path, compare), ...objectProblems(was, now, path, compare)];
      return [...reasons.map((reason) => ({ path, reason })), ...inside];
    }
    return values.flatMap((value) => {
      if (typeof value === 'object' && value !== null && namedValues(now) === undefined)
        return compare(exactly(value), now, path);
      return valueProblems(value, was, now).map((reason) => ({ path, reason }));
    });
  }
}

const anythingWritten = 'anything may have been written, and not all of it is taken now';

function unique(problems: readonly Incompatibility[]): readonly Incompatibility[] {
  const seen = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...seen.values()];
}

import type { Roots } from './comparison.ts';
import { numberProblems } from './incompatible-numbers.ts';
import { checksMark, isAnnotation, type Keywords, mayBe, requiredOf, typeMark } from './schema-parts.ts';
import { isSameFragment } from './schema-reference.ts';

const least = ['minLength', 'minItems', 'minProperties'] as const;
const most = ['maxLength', 'maxItems', 'maxProperties'] as const;

/** The type that a keyword says something about; it says nothing about values of other types. */
const about: Readonly<Record<string, string>> = {
  ...{ minLength: 'string', maxLength: 'string', pattern: 'string', format: 'string' },
  ...{ contentEncoding: 'string', contentMediaType: 'string', contentSchema: 'string' },
  ...{ minItems: 'array', maxItems: 'array', uniqueItems: 'array', contains: 'array' },
  ...{ minContains: 'array', maxContains: 'array', unevaluatedItems: 'array' },
  ...{ minProperties: 'object', maxProperties: 'object', dependentRequired: 'object' },
  ...{ dependentSchemas: 'object', dependencies: 'object', unevaluatedProperties: 'object' },
};

/** Keywords that mean something only together. */
const groups: readonly (readonly string[])[] = [
  ['if', 'then', 'else'],
  ['contains', 'minContains', 'maxContains'],
];

/** Compared elsewhere. */
const structure = new Set<string>([
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'patternProperties'],
  ...['propertyNames', 'items', 'prefixItems', 'allOf', 'anyOf', 'oneOf', '$ref'],
  ...['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum', 'multipleOf'],
  ...[...least, ...most, typeMark, checksMark],
]);

/** What a reader limits that was not limited like that when it was written. */
export function limitProblems(written: Keywords, reader: Keywords, roots: Roots): readonly string[] {
  const concerns = (keyword: string) => about[keyword] === undefined || mayBe(written, about[keyword]);
  const tighter = [
    ...least.filter((keyword) => Number(reader[keyword] ?? 0) > atLeast(written, keyword)),
    ...most.filter((keyword) => atMost(reader, keyword) < atMost(written, keyword)),
  ].filter(concerns);
  const changed = uncomparable(reader).filter(
    (keyword) => concerns(keyword) && !isSameGroup(keyword, written, reader, roots),
  );
  return [
    ...numberProblems(written, reader),
    ...tighter.map((keyword) => `${keyword} is ${reader[keyword]} now`),
    ...changed.map((keyword) => {
      const value = JSON.stringify(reader[keyword]);
      return `${keyword} is ${value} now, which cannot be compared with what was written`;
    }),
  ];
}

/** Keywords that can only be the same or not. @param type only those that concern values of it. */
export function uncomparable(reader: Keywords, type?: string): readonly string[] {
  return Object.keys(reader).filter((keyword) => {
    if (structure.has(keyword) || isAnnotation(keyword)) return false;
    if (keyword === 'uniqueItems' && reader[keyword] === false) return false;
    return type === undefined || about[keyword] === undefined || about[keyword] === type;
  });
}

function isSameGroup(keyword: string, written: Keywords, reader: Keywords, roots: Roots): boolean {
  // These hang on all that stands beside them, and a schema that is the same altogether never gets here.
  if (keyword.startsWith('unevaluated')) return false;
  const group = groups.find((one) => one.includes(keyword)) ?? [keyword];
  return group.every((one) => isSameFragment(written[one], reader[one], roots));
}

/** Whether text has a length that is taken. Libraries count characters or UTF-16 units: both must fit. */
export function isLengthTaken(text: string, reader: Keywords): boolean {
  const sizes = [text.length, [...text].length];
  return sizes.every(
    (size) => size >= Number(reader['minLength'] ?? 0) && size <= atMost(reader, 'maxLength'),
  );
}

function atLeast(schema: Keywords, keyword: (typeof least)[number]): number {
  const demanded = keyword === 'minProperties' ? new Set(requiredOf(schema)).size : 0;
  return Math.max(demanded, Number(schema[keyword] ?? 0));
}

function atMost(schema: Keywords, keyword: (typeof most)[number]): number {
  return Number(schema[keyword] ?? Number.POSITIVE_INFINITY);
}

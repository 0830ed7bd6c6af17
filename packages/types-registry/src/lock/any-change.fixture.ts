import fc from 'fast-check';
import { z } from 'zod';

/** A schema, one in its place, and values that one of them may take. */
interface Change {
  readonly was: z.ZodType;
  readonly now: z.ZodType;
  readonly values: fc.Arbitrary<unknown>;
}

type Wrap = (schema: z.ZodType) => z.ZodType;
type Around = (values: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>;

const key = fc.constantFrom('a', 'b', 'k');
const word = fc.constantFrom('', ' ', 'a', 'b', 'ab', 'B', '1', '2026-01-02', '2026-01-02T03:04:05Z');
const amount = fc.constantFrom(-1, 0, 0.5, 1, 2, 3, 10, 3e9, 1e300);
const other = fc.constantFrom(true, false, null, undefined, 1, 'a');

const words = [
  ...[z.string(), z.string().min(1), z.string().max(1), z.string().trim(), z.string().trim().min(1)],
  ...[z.string().regex(/^a/), z.string().regex(/^a/i), z.string().toLowerCase().regex(/^b/)],
  ...[z.iso.datetime(), z.iso.date(), z.coerce.string(), z.coerce.date(), z.coerce.number()],
  ...[
    z.enum(['a', 'b']),
    z.literal('a'),
    z.literal(['ab', 1, null]),
    z.templateLiteral(['a', z.enum(['b', ''])]),
  ],
  z.string().transform((text) => text.trim()),
];
const amounts = [
  ...[
    z.number(),
    z.int(),
    z.int32(),
    z.number().min(1),
    z.number().gt(1),
    z.int().max(2),
    z.int().gt(0).lt(3),
  ],
  ...[
    z.int().multipleOf(2),
    z.number().multipleOf(0.5),
    z.coerce.number(),
    z.coerce.string(),
    z.literal([1, 2]),
  ],
  ...[z.int().refine((value) => value > 0), z.preprocess((value) => value ?? 1, z.number())],
];
const others = [
  ...[
    z.boolean(),
    z.literal(true),
    z.coerce.boolean(),
    z.null(),
    z.unknown(),
    z.any(),
    z.undefined(),
    z.never(),
  ],
  ...[z.string().nullish(), z.int().default(1), z.int().catch(1)],
];

function pairOf(schemas: readonly z.ZodType[], values: fc.Arbitrary<unknown>): fc.Arbitrary<Change> {
  const one = fc.constantFrom(...schemas);
  return fc
    .tuple(one, fc.oneof(one, one, fc.constantFrom(...others)))
    .map(([was, now]) => shown({ was, now, values }));
}

/** Both are wrapped, each by one of these. */
function wrapped(change: fc.Arbitrary<Change>, wraps: readonly Wrap[], around: Around): fc.Arbitrary<Change> {
  const wrap = fc.constantFrom(...wraps);
  return fc
    .tuple(change, wrap, wrap)
    .map(([{ was, now, values }, one, another]) =>
      shown({ was: one(was), now: another(now), values: around(values) }),
    );
}

function shown(change: Change): Change {
  const text = () => {
    const { was, now } = change;
    return JSON.stringify(
      [was, now].map((one) => z.toJSONSchema(one, { io: 'input', unrepresentable: 'any' })),
    );
  };
  return Object.assign(change, { [fc.toStringMethod]: text });
}

const isShort: Around = (values) => fc.array(values, { maxLength: 3 });

const recursive = fc.letrec<{ change: Change; object: Change }>((tie) => ({
  change: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(pairOf(words, word), pairOf(amounts, amount), pairOf(others, other)),
    tie('object'),
    tie('object'),
    wrapped(tie('change'), [z.optional, z.nullish, (one) => one], (values) =>
      fc.option(values, { nil: undefined }),
    ),
    wrapped(tie('change'), [z.nullable, z.nullish, (one) => one], (values) => fc.option(values)),
    wrapped(
      tie('change'),
      [z.array, (one) => z.array(one).nonempty(), (one) => z.array(one).max(2), (one) => z.tuple([one], one)],
      isShort,
    ),
    wrapped(
      tie('change'),
      [
        (one) => z.record(z.string(), one),
        (one) => z.record(z.enum(['a', 'b']), one),
        (one) => z.partialRecord(z.enum(['a', 'k']), one),
        (one) => z.record(z.string().regex(/^[ab]/), one),
        (one) => z.looseRecord(z.string().regex(/^[ab]/), one),
        (one) => z.object({ a: one, b: one.optional() }),
        (one) => z.object({ a: one }).catchall(one),
      ],
      (values) => fc.dictionary(key, values, { maxKeys: 3 }),
    ),
    several(
      tie('change'),
      [
        ([a, b]) => z.tuple([a, b]),
        ([a, b]) => z.tuple([a], b),
        ([a, b]) => z.tuple([a, b.optional()]),
        ([a, b]) => z.array(z.union([a, b])),
      ],
      (a, b) => fc.tuple(a, b),
    ),
    several(
      tie('change'),
      [([a, b]) => z.union([a, b]), ([a, b]) => z.union([b, a]), ([a, b]) => z.xor([a, b]), ([a]) => a],
      (a, b) => fc.oneof(a, b),
    ),
    several(
      tie('object'),
      [
        ([a, b]) => z.intersection(a, b),
        ([a, b]) => z.intersection(b, a),
        ([a]) => a,
        ([a, b]) => z.object({ ...shapeOf(a), ...shapeOf(b) }),
      ],
      (a, b) => fc.tuple(a, b).map(([one, another]) => ({ ...(one as object), ...(another as object) })),
    ),
    several(
      tie('object'),
      [
        ([a, b]) =>
          z.discriminatedUnion('by', [
            z.object({ ...shapeOf(a), by: z.literal('x') }),
            z.object({ ...shapeOf(b), by: z.literal('y') }),
          ]),
        ([a, b]) =>
          z.union([
            z.object({ ...shapeOf(a), by: z.literal(['x', 'y']) }),
            z.object({ ...shapeOf(b), by: z.string() }),
          ]),
        ([a]) => z.object({ ...shapeOf(a), by: z.enum(['x', 'y']) }),
      ],
      (a, b) =>
        fc
          .tuple(fc.oneof(a, b), fc.constantFrom('x', 'y'))
          .map(([value, by]) => ({ ...(value as object), by })),
    ),
  ),
  object: fc
    .tuple(
      fc.uniqueArray(fc.tuple(key, tie('change'), fc.nat(7)), { maxLength: 3, selector: ([name]) => name }),
      fc.nat(3),
      fc.nat(3),
    )
    .map(([fields, before, after]) => {
      const was = fields
        .filter(([, , presence]) => presence !== 0)
        .map(([name, one]) => [name, one.was] as const);
      const now = fields
        .filter(([, , presence]) => presence !== 1)
        .map(([name, one]) => [name, one.now] as const);
      const values = Object.fromEntries(fields.map(([name, one]) => [name, one.values]));
      const some = fc.record(values, { requiredKeys: [] });
      const more = fc
        .tuple(some, fc.dictionary(key, amount, { maxKeys: 1 }))
        .map(([one, extra]) => ({ ...extra, ...one }));
      return shown({
        was: objectOf(Object.fromEntries(was), before),
        now: objectOf(Object.fromEntries(now), after),
        values: fc.oneof(fc.record(values), some, more),
      });
    }),
}));

export const change = recursive.change;
export const changeOfObject = recursive.object;

function objectOf(shape: Readonly<Record<string, z.ZodType>>, mode: number): z.ZodType {
  const kinds = [
    z.object(shape),
    z.strictObject(shape),
    z.looseObject(shape),
    z.object(shape).catchall(z.int()),
  ];
  return kinds[mode] as z.ZodType;
}

function several(
  change: fc.Arbitrary<Change>,
  joins: readonly ((both: readonly [z.ZodType, z.ZodType]) => z.ZodType)[],
  around: (a: fc.Arbitrary<unknown>, b: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Change> {
  const join = fc.constantFrom(...joins);
  return fc.tuple(change, change, join, fc.oneof(fc.constant(undefined), join)).map(([a, b, one, another]) =>
    shown({
      was: one([a.was, b.was]),
      now: (another ?? one)([a.now, b.now]),
      values: around(a.values, b.values),
    }),
  );
}

function shapeOf(schema: z.ZodType): z.core.$ZodShape {
  return schema instanceof z.ZodObject ? schema.shape : {};
}

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { messagePack } from '../codec.ts';
import { defineEvent } from '../define-event.ts';
import { checkSchemas } from './check-schemas.ts';
import { NoJsonSchemaError } from './json-schema.ts';
import { schemaLock } from './schema-lock.ts';

type Schema = Parameters<typeof defineEvent>[1];

/** What the lock of one schema says of another that takes its place. */
function problems(before: Schema, after: Schema) {
  const lock = schemaLock([defineEvent('e', before)]);
  return checkSchemas(lock, [defineEvent('e', after)]).problems;
}

const paths = (before: Schema, after: Schema) => problems(before, after).map(({ path }) => path.join('.'));

describe('a change that leaves stored events readable', () => {
  const price = z.object({ cents: z.int() });
  const cases: readonly [string, Schema, Schema][] = [
    ['nothing', price, z.object({ cents: z.int() })],
    ['an optional field more', price, price.extend({ note: z.string().optional() })],
    ['a field with a default more', price, price.extend({ note: z.string().default('') })],
    [
      'a field that becomes optional or may be null',
      price,
      z.object({ cents: z.int().nullable().optional() }),
    ],
    ['a field less', price, z.object({})],
    ['a wider type', price, z.object({ cents: z.number() })],
    ['one of several types', price, z.object({ cents: z.union([z.string(), z.int()]) })],
    ['a value more', z.object({ s: z.enum(['a', 'b']) }), z.object({ s: z.enum(['c', 'b', 'a']) })],
    ['any text instead of values', z.object({ s: z.enum(['a', 'b']) }), z.object({ s: z.string() })],
    ['a looser limit', z.object({ n: z.number().min(5).max(9) }), z.object({ n: z.number().min(1) })],
    ['values inside a limit', z.object({ s: z.literal('ab') }), z.object({ s: z.string().min(1).max(2) })],
    [
      'alternatives in another order',
      z.union([z.object({ a: z.string() }), price]),
      z.union([price, z.object({ a: z.string() })]),
    ],
    ['an unchanged transform', z.object({ n: z.string().trim() }), z.object({ n: z.string().trim() })],
    ['an unchanged date', z.object({ at: z.coerce.date() }), z.object({ at: z.coerce.date() })],
    ['a record with wider values', z.record(z.string(), z.int()), z.record(z.string(), z.number())],
    [
      'an intersection that stays',
      z.intersection(price, z.object({ a: z.string() })),
      z.object({ cents: z.int(), a: z.string() }),
    ],
    ['an unchanged pattern', z.object({ e: z.email() }), z.object({ e: z.email() })],
  ];
  it.each(cases)('%s', (_, before, after) => {
    expect(problems(before, after)).toEqual([]);
  });

  it('is a new version with an upcaster', () => {
    const first = defineEvent('e', z.object({ name: z.string() }));
    const second = first.version(2, z.object({ first: z.string(), last: z.string() }), ({ name }) => {
      const [one = '', two = ''] = name.split(' ');
      return { first: one, last: two };
    });
    const { problems: found, unlocked } = checkSchemas(schemaLock([first]), [second]);
    expect(found).toEqual([]);
    expect(unlocked).toEqual(['e version 2']);
  });

  it('of a schema that holds itself is compared once', () => {
    const tree = () => {
      const Node: z.ZodType = z.object({
        name: z.string(),
        get children() {
          return z.array(Node);
        },
      });
      return Node;
    };
    expect(problems(tree(), tree())).toEqual([]);
  });
});

describe('a change that makes stored events unreadable is named with its field', () => {
  const item = z.object({ sku: z.string(), count: z.int() });
  const order = z.object({ items: z.array(item), note: z.string().optional() });
  const cases: readonly [string, Schema, Schema, readonly string[]][] = [
    ['a required field more', order, order.extend({ by: z.string() }), ['by']],
    ['an optional field that is required', order, order.extend({ note: z.string() }), ['note']],
    ['another type', order, order.extend({ note: z.number().optional() }), ['note']],
    [
      'deep inside',
      order,
      z.object({ items: z.array(item.extend({ count: z.string() })) }),
      ['items.*.count'],
    ],
    ['a value less', z.object({ s: z.enum(['a', 'b']) }), z.object({ s: z.enum(['a']) }), ['s']],
    ['values instead of any text', z.object({ s: z.string() }), z.object({ s: z.enum(['a']) }), ['s']],
    ['a tighter limit', z.object({ n: z.number() }), z.object({ n: z.number().positive() }), ['n']],
    ['a longer text', z.object({ s: z.string() }), z.object({ s: z.string().min(1) }), ['s']],
    ['a pattern', z.object({ s: z.string() }), z.object({ s: z.string().regex(/^a/) }), ['s']],
    ['no null any more', z.object({ s: z.string().nullable() }), z.object({ s: z.string() }), ['s']],
    ['a strict object', order, z.strictObject({ items: z.array(item) }), ['note']],
    [
      'an alternative less',
      z.object({ v: z.union([z.string(), z.int()]) }),
      z.object({ v: z.string() }),
      ['v'],
    ],
    ['values of a record', z.record(z.string(), z.number()), z.record(z.string(), z.string()), ['*']],
    [
      'a key named like a trap',
      z.object({ ['__proto__']: z.string() }),
      z.object({ ['__proto__']: z.number() }),
      ['__proto__'],
    ],
  ];
  it.each(cases)('%s', (_, before, after, expected) => {
    expect(paths(before, after)).toEqual(expect.arrayContaining([...expected]));
  });

  it('through all versions, not only the last', () => {
    const first = defineEvent('e', z.object({ a: z.string() }));
    const both = first.version(2, z.object({ b: z.string() }), ({ a }) => ({ b: a }));
    const lock = schemaLock([both]);
    const changed = defineEvent('e', z.object({ a: z.string(), c: z.string() })).version(
      2,
      z.object({ b: z.string() }),
      ({ a }) => ({ b: a }),
    );
    expect(checkSchemas(lock, [changed]).problems).toMatchObject([
      { eventType: 'e', schemaVersion: 1, path: ['c'] },
    ]);
  });

  it('in an upcaster, or in a check that no JSON Schema has', () => {
    const first = defineEvent('e', z.object({ a: z.string() }));
    const good = first.version(2, z.object({ b: z.string() }), ({ a }) => ({ b: a }));
    const bad = first.version(2, z.object({ b: z.string() }), () => {
      throw new Error('not any more');
    });
    expect(checkSchemas(schemaLock([good]), [bad]).problems[0]?.reason).toMatch(/upcaster to version 2/);
    const wrong = first.version(2, z.object({ b: z.string() }), () => ({ b: 1 as unknown as string }));
    expect(checkSchemas(schemaLock([good]), [wrong]).problems[0]).toMatchObject({
      schemaVersion: 1,
      path: ['b'],
    });
    expect(
      problems(
        z.string(),
        z.string().refine((text) => text === ''),
      ),
    ).toHaveLength(1);
  });

  it('where the event, the version or the codec is gone', () => {
    const first = defineEvent('e', z.object({ a: z.string() }));
    const second = first.version(2, z.object({ a: z.string() }), (data) => data);
    const lock = schemaLock([second]);
    expect(checkSchemas(lock, []).problems).toHaveLength(2);
    expect(checkSchemas(lock, [first]).problems).toMatchObject([{ schemaVersion: 2 }]);
    const own = { ...messagePack, name: 'own', contentType: 'application/x-own' };
    const packed = schemaLock([defineEvent('p', z.object({}), { codec: own })]);
    const { problems: found } = checkSchemas(packed, [defineEvent('p', z.object({}))]);
    expect(found[0]?.reason).toMatch(/application\/x-own/);
  });
});

describe('the lock', () => {
  it('is the same for the same schemas, whatever their order', () => {
    const a = defineEvent('a', z.object({ x: z.string(), y: z.int() }));
    const b = defineEvent('b', z.object({ bytes: z.instanceof(Uint8Array) }), { codec: messagePack });
    expect(JSON.stringify(schemaLock([a, b]))).toBe(JSON.stringify(schemaLock([b, a, b])));
    expect(checkSchemas(schemaLock([a, b]), [a, b])).toEqual({ problems: [], unlocked: [] });
  });

  it('takes any library that says its JSON Schema, and says so where none does', () => {
    const mute = {
      '~standard': { version: 1 as const, vendor: 'mute', validate: (value: unknown) => ({ value }) },
    };
    const event = defineEvent('mute', mute);
    expect(() => schemaLock([event])).toThrow(NoJsonSchemaError);
    const toJsonSchema = () => ({ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] });
    const lock = schemaLock([event], { toJsonSchema });
    const { problems: found } = checkSchemas(lock, [event], { toJsonSchema: () => ({ type: 'string' }) });
    expect(found[0]?.reason).toMatch(/object was written/);
  });
});

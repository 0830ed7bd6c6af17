import { z } from 'zod';
import { itBreaks, itLeavesReadable } from './schema-change.fixture.ts';

const text = z.object({ a: z.string() });
const integer = z.int();
const keyed = z.record(z.enum(['a', 'b']), integer);

itLeavesReadable([
  ['a field may be absent or null', text, z.object({ a: z.string().nullish() })],
  ['a field gets a default', z.object({ a: z.string().optional() }), z.object({ a: z.string().default('') })],
  ['a default goes', z.object({ a: z.string().default('') }), text],
  ['a stand-in for what is wrong goes', z.object({ a: z.string().catch('') }), text],
  ['a default before the checks goes', z.object({ a: z.string().prefault('x') }), text],
  ['a field may be anything', text, z.object({ a: z.unknown() })],
  [
    'a field may be anything or absent',
    z.object({ a: z.string().optional() }),
    z.object({ a: z.any().optional() }),
  ],
  [
    'a field of any type stays',
    z.object({ a: z.unknown(), b: z.any() }),
    z.object({ a: z.unknown(), b: z.any() }),
  ],
  [
    'a field of any type becomes optional',
    z.object({ a: z.unknown() }),
    z.object({ a: z.unknown().optional() }),
  ],
  [
    'a field that may be undefined stays',
    z.object({ a: z.union([z.string(), z.undefined()]), b: z.undefined() }),
    z.object({ a: z.union([z.string(), z.undefined()]), b: z.undefined() }),
  ],
  [
    'a field that may be undefined becomes optional',
    z.object({ a: z.union([z.string(), z.undefined()]) }),
    z.object({ a: z.string().optional() }),
  ],
  [
    'a strict object becomes one that drops what it does not know',
    z.strictObject({ a: z.string() }),
    z.object({}),
  ],
  ['an object that drops unknown keys becomes strict', text, z.strictObject({ a: z.string() })],
  ['a loose object stays', z.looseObject({ a: z.string() }), z.looseObject({ a: z.string() })],
  ['an object becomes loose', text, z.looseObject({})],
  ['an object becomes a record', text, z.record(z.string(), z.string())],
  ['other keys take more', text.catchall(integer), text.catchall(z.number())],
  ['a record of named keys becomes an object', keyed, z.object({ a: integer, b: integer })],
  ['an object becomes a record of named keys', z.object({ a: integer, b: integer }), keyed],
  ['named keys of a record may be absent', keyed, z.partialRecord(z.enum(['a', 'b', 'c']), integer)],
  ['a record gets free keys', keyed, z.record(z.string(), integer)],
  [
    'keys of a record stay bound by a pattern',
    z.record(z.string().regex(/^x/), integer),
    z.record(z.string().regex(/^x/), z.number()),
  ],
  [
    'a record that looks at some keys only stays',
    z.looseRecord(z.string().regex(/^x/), integer),
    z.looseRecord(z.string().regex(/^x/), integer),
  ],
]);

itBreaks([
  [
    'a named key of a record that may be undefined is required',
    z.record(z.enum(['a']), z.union([z.string(), z.undefined()])),
    text,
    ['a'],
  ],
  ['a field that may be absent is required', z.object({ a: z.string().optional() }), text, ['a']],
  ['a field that may be null must not', z.object({ a: z.string().nullable() }), text, ['a']],
  ['a field that may be absent or null is required', z.object({ a: z.string().nullish() }), text, ['a']],
  ['a required field of any type more', text, text.extend({ b: z.unknown() }), ['b']],
  ['a field of any type is a text', z.object({ a: z.unknown() }), text, ['a']],
  [
    'a field of any type may not be absent',
    z.object({ a: z.any().optional() }),
    z.object({ a: z.any() }),
    ['a'],
  ],
  [
    'a default is given up for what may be absent',
    z.object({ a: z.string().optional() }),
    z.object({ a: z.string() }),
    ['a'],
  ],
  [
    'a key that a loose object took is a number',
    z.looseObject({ a: z.string() }),
    z.object({ a: z.string(), b: z.number().optional() }),
    ['b'],
  ],
  [
    'a loose object becomes strict',
    z.looseObject({ a: z.string() }),
    z.strictObject({ a: z.string() }),
    ['*'],
  ],
  [
    'a strict object knows a key less',
    z.object({ a: z.string(), b: integer }),
    z.strictObject({ a: z.string() }),
    ['b'],
  ],
  ['other keys take less', text.catchall(z.number()), text.catchall(integer), ['*']],
  ['a record gets named keys', z.record(z.string(), integer), keyed, ['*', 'a', 'b']],
  ['a record knows a key less', keyed, z.partialRecord(z.enum(['a']), integer), ['*']],
  [
    'keys of a record are bound by a pattern',
    z.record(z.string(), integer),
    z.record(z.string().regex(/^x/), integer),
    ['*'],
  ],
  [
    'a key of an object is bound by a pattern',
    z.object({ a: integer }),
    z.record(z.string().regex(/^x/), integer),
    ['*'],
  ],
  [
    'some keys are looked at',
    z.record(z.string(), z.string()),
    z.looseRecord(z.string().regex(/^x/), integer),
    ['*'],
  ],
  ['an object becomes an array', z.object({ a: z.object({}) }), z.object({ a: z.array(z.string()) }), ['a']],
  ['a field must not be there', text, z.object({ a: z.never().optional() }), ['a']],
]);

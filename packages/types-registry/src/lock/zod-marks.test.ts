import { expect, it } from 'vitest';
import { z } from 'zod';
import { messagePack } from '../codec.ts';
import { defineEvent } from '../define-event.ts';
import { checkSchemas } from './check-schemas.ts';
import { itBreaks, itLeavesReadable } from './schema-change.fixture.ts';
import { schemaLock } from './schema-lock.ts';

const field = (v: z.ZodType) => z.object({ v });
const isOdd = (value: number) => value % 2 === 1;
const date = () =>
  z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (at) => at.toISOString() });
const trimmed = () => z.string().transform((text) => text.trim());

itLeavesReadable([
  ['a date read from text stays', field(z.coerce.date()), field(z.coerce.date())],
  ['a time as text becomes a date', field(z.iso.datetime()), field(z.coerce.date())],
  ['a day as text becomes a date', field(z.iso.date()), field(z.coerce.date())],
  ['a date read by a codec stays', field(date()), field(date())],
  ['a date read by a codec becomes its text', field(date()), field(z.iso.datetime())],
  ['a transform stays', field(trimmed()), field(trimmed())],
  ['a transform goes', field(trimmed()), field(z.string())],
  ['a condition stays', field(z.int().refine(isOdd)), field(z.int().refine(isOdd))],
  ['a condition goes', field(z.int().refine(isOdd)), field(z.int())],
  ['a condition of the whole goes', field(z.int()).refine(Boolean), field(z.int())],
  ['a prepared value stays', field(z.preprocess(Number, z.int())), field(z.preprocess(Number, z.int()))],
  ['anything is made a text', field(z.int()), field(z.coerce.string())],
  ['anything is made a boolean', field(z.string()), field(z.coerce.boolean())],
  ['a number is made of it', field(z.number()), field(z.coerce.number())],
  ['a type of its own stays', field(z.custom<string>()), field(z.custom<string>())],
]);

itBreaks([
  ['text becomes a date', field(z.string()), field(z.coerce.date()), ['v']],
  ['text becomes a number', field(z.string()), field(z.coerce.number()), ['v']],
  ['a made text must be long', field(z.int()), field(z.coerce.string().min(2)), ['v']],
  ['a date is not read from text any more', field(z.coerce.date()), field(z.date()), ['v']],
  ['a date gets an end', field(z.coerce.date()), field(z.coerce.date().max(new Date(0))), ['v']],
  [
    'a date gets another end',
    field(z.coerce.date().min(new Date(0))),
    field(z.coerce.date().min(new Date(1))),
    ['v'],
  ],
  ['a date becomes a number', field(z.coerce.date()), field(z.number()), ['v']],
  ['a condition more', field(z.int()), field(z.int().refine(isOdd)), ['v']],
  [
    'a condition more, inside a codec',
    field(date()),
    field(z.pipe(z.iso.datetime().refine(Boolean), date())),
    ['v'],
  ],
  ['a condition of the whole', field(z.int()), field(z.int()).refine(Boolean), ['']],
  [
    'a condition of a value that may be absent',
    field(z.int().optional()),
    field(z.int().refine(isOdd).optional()),
    ['v'],
  ],
  ['a transform more', field(z.string()), field(trimmed()), ['v']],
  ['a type of its own', field(z.string()), field(z.custom<string>((value) => value === 'a')), ['v']],
]);

it('types that JSON has not are told apart, and tried where a built-in codec stores them', () => {
  const write = (schema: z.ZodType) => schemaLock([defineEvent('e', schema, { codec: messagePack })]);
  const pathsTo = (before: z.ZodType, after: z.ZodType) =>
    checkSchemas(write(before), [defineEvent('e', after, { codec: messagePack })]).problems.map(({ path }) =>
      path.join('.'),
    );
  const bytes = field(z.instanceof(Uint8Array));
  expect(pathsTo(bytes, bytes)).toEqual([]);
  expect(pathsTo(bytes, field(z.date()))).toEqual(['v']);
  expect(pathsTo(field(z.date()), field(z.coerce.date()))).toEqual([]);
  expect(pathsTo(field(z.date()), field(z.bigint()))).toEqual(['v']);
  expect(write(bytes).events['e']?.versions['1']?.[0]?.samples.length).toBeGreaterThan(0);
});

it('a type that no codec stores has nothing to try, and is compared all the same', () => {
  const big = (schema: z.ZodType) => defineEvent('e', field(schema));
  const lock = schemaLock([big(z.bigint())]);
  expect(checkSchemas(lock, [big(z.bigint())]).problems).toEqual([]);
  expect(checkSchemas(lock, [big(z.int())]).problems).toMatchObject([{ path: ['v'] }]);
});

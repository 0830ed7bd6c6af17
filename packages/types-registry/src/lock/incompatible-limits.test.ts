import { z } from 'zod';
import { itBreaks, itLeavesReadable } from './schema-change.fixture.ts';

const field = (v: z.ZodType) => z.object({ v });

itLeavesReadable([
  ['an integer becomes a number', field(z.int()), field(z.number())],
  ['a small integer becomes a larger one', field(z.int32()), field(z.int())],
  ['a limit is excluded no more', field(z.number().gt(5)), field(z.number().gte(5))],
  ['the whole numbers above 4 are those from 5', field(z.int().gt(4)), field(z.int().gte(5))],
  ['above 4.5 are whole numbers from 5', field(z.int().gte(5)), field(z.number().gt(4.5))],
  ['a coarser step becomes a finer one', field(z.int().multipleOf(10)), field(z.int().multipleOf(5))],
  ['whole numbers have the step 1', field(z.int()), field(z.number().multipleOf(1))],
  ['a length is given up', field(z.string().min(2).max(3)), field(z.string())],
  ['an exact length is inside', field(z.string().length(3)), field(z.string().min(1).max(3))],
  ['a format is given up', field(z.email()), field(z.string())],
  ['a pattern of two is given up', field(z.string().regex(/^a/).regex(/b$/)), field(z.string().regex(/b$/))],
  ['a format stays, the length is given up', field(z.email().max(40)), field(z.email())],
  ['trimming is new', field(z.string()), field(z.string().trim())],
  ['trimming goes', field(z.string().trim().min(1)), field(z.string().min(1))],
  ['a step that is a fraction stays', field(z.number().multipleOf(0.01)), field(z.number().multipleOf(0.01))],
]);

itBreaks([
  ['a number becomes an integer', field(z.number()), field(z.int()), ['v']],
  ['an integer becomes a small one', field(z.int()), field(z.int32()), ['v']],
  ['a limit is excluded', field(z.number().gte(5)), field(z.number().gt(5)), ['v']],
  ['a larger least', field(z.number().min(1)), field(z.number().min(1.5)), ['v']],
  ['a smaller most', field(z.int().max(10)), field(z.int().max(9)), ['v']],
  ['a finer step becomes a coarser one', field(z.int().multipleOf(5)), field(z.int().multipleOf(10)), ['v']],
  ['a shorter text', field(z.string().max(10)), field(z.string().max(9)), ['v']],
  ['another pattern', field(z.string().regex(/^a/)), field(z.string().regex(/^b/)), ['v']],
  ['a pattern that knows cases', field(z.string().regex(/^a/i)), field(z.string().regex(/^a/)), ['v']],
  ['a pattern more', field(z.string().regex(/^a/)), field(z.string().regex(/^a/).regex(/b$/)), ['v']],
  ['a format', field(z.string()), field(z.email()), ['v']],
  ['another format', field(z.email()), field(z.url()), ['v']],
  ['a format of which nothing but its name is said', field(z.string()), field(z.jwt()), ['v']],
  ['a protocol of an address', field(z.url()), field(z.url({ protocol: /^https$/ })), ['v']],
  ['a host of an address', field(z.url()), field(z.url({ hostname: /^example\.com$/ })), ['v']],
  [
    'an address behind another check',
    field(z.string().startsWith('a')),
    field(z.url().startsWith('a')),
    ['v'],
  ],
  ['an algorithm of a token', field(z.jwt()), field(z.jwt({ alg: 'HS256' })), ['v']],
  ['a length after trimming', field(z.string().min(1)), field(z.string().trim().min(1)), ['v']],
  [
    'a pattern after lower case',
    field(z.string().regex(/^A$/)),
    field(z.string().toLowerCase().regex(/^A$/)),
    ['v'],
  ],
  ['an empty list', field(z.array(z.string())), field(z.array(z.string()).nonempty()), ['v']],
  ['a shorter list', field(z.array(z.string()).max(3)), field(z.array(z.string()).max(2)), ['v']],
]);

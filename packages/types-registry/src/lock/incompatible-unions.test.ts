import { expect, it } from 'vitest';
import { z } from 'zod';
import { itBreaks, itLeavesReadable, problemsOf } from './schema-change.fixture.ts';

const card = z.object({ by: z.literal('card'), last4: z.string() });
const cash = z.object({ by: z.literal('cash') });
const bank = z.object({ by: z.literal('bank'), iban: z.string() });
const by = (...members: readonly [z.ZodObject, ...z.ZodObject[]]) => z.discriminatedUnion('by', members);
const at = z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: String });
const named = z.object({ name: z.string() });

const many = (count: number) => {
  const others = Array.from({ length: count }, (_, at) => cash.extend({ by: z.literal(`other-${at}`) }));
  return by(card, ...others);
};

itLeavesReadable([
  ['a member more', by(card, cash), by(card, cash, bank)],
  ['members in another order', z.discriminatedUnion('by', [cash, card]), by(card, cash)],
  ['one of them before', card, by(card, cash)],
  ['any of them, by trial', by(card, cash), z.union([card, cash])],
  ['any of them, by a key', z.union([card, cash]), by(card, cash)],
  ['a member takes more', by(card, cash), by(card.partial({ last4: true }), cash)],
  ['a member takes in another', by(card, cash), z.object({ by: z.string(), last4: z.string().optional() })],
  [
    'several types of a field',
    z.object({ v: z.union([z.int(), z.null()]) }),
    z.object({ v: z.union([z.null(), z.number(), z.string()]) }),
  ],
  ['hundreds of members stay', many(300), many(301)],
  [
    'a member with a date becomes optional',
    z.object({ v: by(card, cash.extend({ at })) }),
    z.object({ v: by(card, cash.extend({ at })).optional() }),
  ],
  [
    'exactly one of',
    z.object({ v: z.xor([z.string(), z.int()]) }),
    z.object({ v: z.xor([z.int(), z.string(), z.null()]) }),
  ],
  [
    'a key of several values is told apart',
    z.object({ by: z.enum(['card', 'cash']), last4: z.string() }),
    by(card, cash),
  ],
  ['an intersection becomes what it amounts to', z.intersection(card, named), card.extend(named.shape)],
  ['what an intersection amounts to becomes one', card.extend(named.shape), z.intersection(card, named)],
  [
    'an intersection with several kinds stays',
    z.intersection(named, by(card, cash)),
    z.intersection(named, by(card, cash, bank)),
  ],
  ['an intersection takes more', z.intersection(card, named), z.intersection(card, named.partial())],
  [
    'an intersection with a record stays',
    named.and(z.record(z.string(), z.string())),
    named.and(z.record(z.string(), z.string())),
  ],
]);

itBreaks([
  ['a member less', by(card, cash), by(card), ['by', 'last4']],
  ['a member less of many', by(card, cash, bank), by(card, cash), ['']],
  ['a field of a member', by(card, cash), by(card.extend({ last4: z.int() }), cash), ['last4']],
  ['a field of a member more', by(card, cash), by(card.extend({ name: z.string() }), cash), ['name']],
  ['a type less', z.object({ v: z.union([z.string(), z.int()]) }), z.object({ v: z.int() }), ['v']],
  [
    'a type less of several',
    z.object({ v: z.union([z.string(), z.int(), z.null()]) }),
    z.object({ v: z.union([z.string(), z.int()]) }),
    ['v'],
  ],
  [
    'exactly one of, where two fit',
    z.object({ v: z.int() }),
    z.object({ v: z.xor([z.int(), z.number()]) }),
    ['v'],
  ],
  [
    'exactly one of, where two fit an intersection',
    named.and(z.record(z.string(), z.string())),
    z.xor([z.object({ name: z.string(), x: z.string() }), z.looseObject({ name: z.string() })]),
    [''],
  ],
  ['a part of an intersection more', card, z.intersection(card, named), ['name']],
  [
    'a key of one part of an intersection, seen from the other',
    z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })),
    z.object({ a: z.string(), b: z.string().optional() }),
    ['b'],
  ],
  [
    'a key that a record in an intersection may have',
    z.record(z.string(), z.number()).and(z.object({ b: z.number() })),
    z.strictObject({ b: z.number() }),
    ['*'],
  ],
  [
    'a key deep in one part of an intersection',
    z
      .object({ l: z.array(z.object({ a: z.string() })) })
      .and(z.object({ l: z.array(z.object({ b: z.string() })) })),
    z.object({ l: z.array(z.object({ a: z.string(), b: z.int().optional() })) }),
    ['l.*.b'],
  ],
]);

it('says of alternatives which field keeps the one that is meant from taking it', () => {
  const [problem] = problemsOf(by(card, cash), by(card.extend({ last4: z.int() }), cash));
  expect(problem?.reason).toBe('string was written, and only integer is taken now');
});

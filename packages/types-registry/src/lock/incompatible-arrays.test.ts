import { z } from 'zod';
import { itBreaks, itLeavesReadable } from './schema-change.fixture.ts';

const pair = z.tuple([z.string(), z.int()]);

itLeavesReadable([
  ['a tuple stays', pair, z.tuple([z.string(), z.int()])],
  ['a tuple with wider places', pair, z.tuple([z.string(), z.number()])],
  ['a place may be left out', pair, z.tuple([z.string(), z.int().optional()])],
  ['there may be more than a tuple has', pair, z.tuple([z.string()], z.int())],
  ['a tuple becomes a list of its types', pair, z.array(z.union([z.string(), z.int()]))],
  ['a list with wider items', z.array(z.int()), z.array(z.number())],
  ['a list becomes a tuple of the rest', z.array(z.int()).nonempty(), z.tuple([z.int()], z.int())],
  ['a list of an exact length becomes a tuple', z.array(z.int()).length(2), z.tuple([z.int(), z.int()])],
]);

itBreaks([
  ['a place of another type', pair, z.tuple([z.string(), z.string()]), ['1']],
  ['a place more', z.tuple([z.string()]), pair, ['']],
  ['a place less', pair, z.tuple([z.string()]), ['', '1']],
  ['the rest is of another type', z.tuple([z.string()], z.number()), z.tuple([z.string()], z.int()), ['*']],
  ['no rest any more', z.tuple([z.string()], z.int()), z.tuple([z.string()]), ['', '*']],
  ['a list becomes a tuple', z.array(z.string()), z.tuple([z.string()]), ['', '*']],
  ['items of another type', z.object({ l: z.array(z.int()) }), z.object({ l: z.array(z.string()) }), ['l.*']],
  ['a field of an item', z.array(z.object({})), z.array(z.object({ a: z.string() })), ['*.a']],
]);

import { z } from 'zod';
import { itBreaks, itLeavesReadable } from './schema-change.fixture.ts';

const field = (v: z.ZodType) => z.object({ v });
const colours = z.enum(['red', 'green']);

itLeavesReadable([
  ['one value becomes several', field(z.literal('red')), field(colours)],
  ['values become any text', field(colours), field(z.string())],
  ['values become any text of their lengths', field(colours), field(z.string().min(3).max(5))],
  ['values become text of a pattern they match', field(colours), field(z.string().regex(/^[a-z]+$/))],
  [
    'values become an alternative each',
    field(colours),
    field(z.union([z.literal('green'), z.literal('red')])),
  ],
  ['alternatives become values', field(z.union([z.literal('green'), z.literal('red')])), field(colours)],
  ['values become one of several types', field(colours), field(z.union([z.int(), z.string()]))],
  [
    'values of several types stay inside',
    field(z.literal(['a', 1, null])),
    field(z.union([z.string(), z.int()]).nullable()),
  ],
  ['numbers of an enum become integers', field(z.literal([1, 2])), field(z.int().max(2))],
  ['true becomes a boolean', field(z.literal(true)), field(z.boolean())],
  ['a boolean becomes both its values', field(z.boolean()), field(z.literal([true, false]))],
  [
    'a boolean becomes an alternative each',
    field(z.boolean()),
    field(z.union([z.literal(true), z.literal(false)])),
  ],
  ['null becomes nullable', field(z.null()), field(z.string().nullable())],
]);

itBreaks([
  ['a value less', field(colours), field(z.enum(['red'])), ['v']],
  ['another value', field(z.literal('red')), field(z.literal('green')), ['v']],
  ['any text becomes values', field(z.string()), field(colours), ['v']],
  ['a value is too long', field(colours), field(z.string().max(4)), ['v']],
  ['a value matches no pattern', field(colours), field(z.string().regex(/^r/)), ['v']],
  ['a format cannot be tried on a value', field(colours), field(z.url()), ['v']],
  ['a boolean becomes true', field(z.boolean()), field(z.literal(true)), ['v']],
  ['a number is no integer', field(z.literal([1, 1.5])), field(z.int()), ['v']],
  ['a number is no multiple', field(z.literal([5, 7])), field(z.number().multipleOf(5)), ['v']],
  ['values of another type', field(z.literal(['1', '2'])), field(z.literal([1, 2])), ['v']],
]);

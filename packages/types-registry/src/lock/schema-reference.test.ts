import { expect, it } from 'vitest';
import { z } from 'zod';
import { incompatibilities } from './incompatibilities.ts';
import { itBreaks, itLeavesReadable } from './schema-change.fixture.ts';

const tree = (extra: z.core.$ZodShape = {}) => {
  const Node: z.ZodType = z.object({
    name: z.string(),
    ...extra,
    get children() {
      return z.array(Node);
    },
  });
  return Node;
};
const list = (value: z.ZodType) => {
  const Node: z.ZodType = z.lazy(() => z.object({ value, next: Node.nullable() }));
  return Node;
};
const named = (title: z.ZodType) => {
  const name = title.meta({ id: `name-${Math.random()}` });
  return z.object({ first: name, last: name });
};

itLeavesReadable([
  ['a schema that holds itself stays', tree(), tree()],
  ['an optional field in a schema that holds itself', tree(), tree({ note: z.string().optional() })],
  ['a field less in a schema that holds itself', tree({ note: z.string() }), tree()],
  ['a list that holds itself takes more', list(z.int()), list(z.number())],
  ['a tree becomes one of fixed depth', z.object({ name: z.string(), children: z.tuple([]) }), tree()],
  ['a schema by another name', named(z.string()), named(z.string())],
  ['JSON is JSON', z.object({ v: z.json() }), z.object({ v: z.json() })],
  ['what is JSON', z.object({ v: z.record(z.string(), z.array(z.int())) }), z.object({ v: z.json() })],
  [
    'values that hold themselves in an intersection',
    z.object({ a: z.string() }).and(tree()),
    z.object({ a: z.string() }).and(tree()),
  ],
]);

itBreaks([
  [
    'a required field in a schema that holds itself',
    tree(),
    tree({ note: z.string() }),
    ['note', 'children.*.note'],
  ],
  ['a list that holds itself takes less', list(z.number()), list(z.int()), ['value', 'next.value']],
  [
    'a tree must end',
    tree(),
    z.object({ name: z.string(), children: z.tuple([]) }),
    ['children', 'children.*'],
  ],
  ['a schema with a name', named(z.string()), named(z.int()), ['first', 'last']],
  ['JSON becomes a text', z.object({ v: z.json() }), z.object({ v: z.string() }), ['v']],
]);

it('ends soon for schemas that multiply by referring to each other', { timeout: 20_000 }, () => {
  const size = 12;
  const web = (leaf: string) => ({
    $ref: '#/$defs/n0',
    $defs: Object.fromEntries(
      Array.from({ length: size }, (_, at) => [
        `n${at}`,
        {
          type: 'object',
          properties: {
            leaf: { type: leaf },
            ...Object.fromEntries(
              Array.from({ length: size }, (__, to) => [`to${to}`, { $ref: `#/$defs/n${to}` }]),
            ),
          },
        },
      ]),
    ),
  });
  const started = performance.now();
  expect(incompatibilities(web('string'), web('number')).length).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(10_000);
});

it('ends for schemas that grow while they are looked at', () => {
  const growing = (leaf: string) => ({
    $ref: '#/$defs/n',
    $defs: {
      n: {
        allOf: [
          { type: 'object', properties: { n: { $ref: '#/$defs/n' }, leaf: { type: leaf } } },
          { type: 'object', properties: { n: { allOf: [{ $ref: '#/$defs/n' }, { $ref: '#/$defs/n' }] } } },
        ],
      },
    },
  });
  expect(incompatibilities(growing('string'), growing('number')).length).toBeGreaterThan(0);
  const loop = { $ref: '#' };
  expect(incompatibilities(loop, { type: 'string' })).toBeDefined();
  expect(incompatibilities({ $ref: '#/$defs/lost' }, { type: 'string' })).toHaveLength(1);
});

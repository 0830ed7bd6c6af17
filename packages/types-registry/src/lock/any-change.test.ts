import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createCatalog } from '../catalog.ts';
import { builtInCodecs } from '../codec.ts';
import { defineEvent } from '../define-event.ts';
import { change, changeOfObject } from './any-change.fixture.ts';
import { problemsOf } from './schema-change.fixture.ts';

/** The same ones every time. More of them find more: a change to the comparison deserves thousands of another seed. */
const numRuns = Number(process.env['PIPIT_RUNS'] ?? 100);
const seed = Number(process.env['PIPIT_SEED'] ?? 1);
const timeout = numRuns * 300;

/** The payloads of these values, of those that the schema takes. */
function written(schema: z.ZodType, values: readonly unknown[]) {
  const writer = createCatalog('event', [defineEvent('e', schema)], builtInCodecs);
  return values.flatMap((value) => {
    try {
      return [writer.encode('e', value)];
    } catch {
      return [];
    }
  });
}

it('a change that is called compatible leaves everything readable that was written', { timeout }, () => {
  let compatible = 0;
  fc.assert(
    fc.property(fc.oneof(change, changeOfObject), ({ was, now, values }) => {
      if (problemsOf(was, now).length > 0) return;
      compatible += 1;
      const reader = createCatalog('event', [defineEvent('e', now)], builtInCodecs);
      for (const payload of written(was, fc.sample(values, { numRuns: 20, seed: 1 })))
        reader.decode('e', payload);
    }),
    { numRuns, seed },
  );
  expect(compatible).toBeGreaterThan(numRuns / 20);
});

it('a schema that stays is compatible with itself', { timeout }, () => {
  fc.assert(
    fc.property(change, ({ was }) => {
      expect(problemsOf(was, was)).toEqual([]);
    }),
    { numRuns, seed },
  );
});

it('what may be left out, may be null or may be another thing is still taken', { timeout }, () => {
  fc.assert(
    fc.property(change, ({ was }) => {
      // Of several that overlap exactly one cannot be proved to fit, unless it is the same schema.
      fc.pre(!JSON.stringify(z.toJSONSchema(was, { unrepresentable: 'any' })).includes('oneOf'));
      expect(problemsOf(z.object({ v: was }), z.object({ v: was.nullish() }))).toEqual([]);
      expect(problemsOf(was, z.union([z.strictObject({ other: z.int() }), was]))).toEqual([]);
    }),
    { numRuns, seed },
  );
});

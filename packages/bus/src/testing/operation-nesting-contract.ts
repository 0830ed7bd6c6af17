import { currentTrace, traceAfter, withTrace } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import type { OperationSuite } from './operation-suite.ts';

/** Operations inside other chains. */
export function operationNestingContract(suite: OperationSuite): void {
  describe('an operation inside another', () => {
    it('keeps the outer correlation, and its events hang below it', async () => {
      const inner = { kind: 'external', name: 'inner' } as const;
      const ids = await suite.operations().operation(suite.openAccount, async (outer) => {
        const e1 = suite.append('e1');
        const first = await suite.operations().operation(inner, async ({ id }) => {
          suite.append('e2');
          return id;
        });
        const inHandler = () =>
          suite.operations().operation({ ...inner, name: 'in a handler' }, async ({ id }) => {
            suite.append('e3');
            return id;
          });
        return { outer: outer.id, first, second: await withTrace(traceAfter(e1), inHandler) };
      });
      expect(await suite.shape(ids.outer)).toEqual([
        'open-account',
        '  e1',
        '    in a handler',
        '      e3',
        '  inner',
        '    e2',
      ]);
      expect(await suite.shape(ids.first)).toEqual(['inner', '  e2']);
      expect(await suite.shape(ids.second)).toEqual(['in a handler', '  e3']);
      expect((await suite.chainOf(ids.first)).operation).toMatchObject({
        correlationId: ids.outer,
        parentId: ids.outer,
        state: 'succeeded',
      });
      expect((await suite.chainOf(ids.second)).operation?.parentId).toBe('e1');
      expect((await suite.list()).map(({ name }) => name)).toEqual(['in a handler', 'inner', 'open-account']);
    });

    it('begins a chain of its own where the outer one is no operation, and keeps the trace context', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const outer = { correlationId: 'request-1', causationId: 'event-1', traceparent };
      const id = await withTrace(outer, () =>
        suite.operations().operation(suite.openAccount, (context) => {
          expect(currentTrace()).toEqual({
            correlationId: context.id,
            causationId: context.id,
            traceparent,
          });
          return context.id;
        }),
      );
      expect((await suite.chainOf(id)).operation).toMatchObject({ correlationId: id, parentId: 'event-1' });
    });
  });
}

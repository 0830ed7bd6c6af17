import { traceAfter, withTrace } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { walkChain } from '../operations/walk-chain.ts';
import type { OperationSuite } from './operation-suite.ts';

/** What a chain shows. */
export function operationChainContract(suite: OperationSuite): void {
  describe('a chain', () => {
    it('has the events appended in the operation, also after an await', async () => {
      const id = await suite.operations().operation(suite.openAccount, async (context) => {
        suite.append('e1');
        await new Promise((resolve) => setImmediate(resolve));
        suite.append('e2');
        return context.id;
      });
      suite.append('not in it');
      expect(await suite.shape(id)).toEqual(['open-account', '  e1', '  e2']);
      const [event] = (await suite.chainOf(id)).events;
      expect(event).toMatchObject({
        type: 'opened',
        aggregate: { type: 'account', id: 'a1' },
        position: expect.any(Number),
      });
      expect(event).toMatchObject({ correlationId: id, causationId: id, groups: [] });
    });

    it('goes on through handlers: what they append hangs below the event', async () => {
      const id = await suite.operations().operation(suite.openAccount, async (context) => {
        const e1 = suite.append('e1');
        withTrace(traceAfter(e1), () =>
          withTrace(traceAfter(suite.append('e1.1')), () => suite.append('e1.1.1')),
        );
        suite.append('e2');
        withTrace(traceAfter(e1), () => suite.append('e1.2'));
        return context.id;
      });
      expect(await suite.shape(id)).toEqual([
        'open-account',
        '  e1',
        '    e1.1',
        '      e1.1.1',
        '    e1.2',
        '  e2',
      ]);
    });

    it('shows events whose cause is not on record, and those that cause each other, as detached', async () => {
      const id = await suite.operations().operation(suite.openAccount, (context) => {
        const correlationId = context.id;
        suite.append('e1');
        withTrace({ correlationId, causationId: 'gone' }, () => suite.append('orphan'));
        withTrace({ correlationId, causationId: 'orphan' }, () => suite.append('below'));
        withTrace({ correlationId, causationId: 'c2' }, () => suite.append('c1'));
        withTrace({ correlationId, causationId: 'c1' }, () => suite.append('c2'));
        withTrace({ correlationId, causationId: 'self' }, () => suite.append('self'));
        return context.id;
      });
      expect(await suite.shape(id)).toEqual([
        'open-account',
        '  e1',
        'orphan',
        '  below',
        'c1',
        '  c2',
        'self',
      ]);
    });

    it('of events with any id, also very long ones, is read back', async () => {
      const ids = ['a.b', '*', '>', '🚀 x', 'x'.repeat(500), `${'x'.repeat(500)}y`];
      const id = await suite.operations().operation(suite.openAccount, (context) => {
        for (const each of ids) suite.append(each);
        return context.id;
      });
      expect((await suite.chainOf(id)).events.map((event) => event.id)).toEqual(ids);
    });

    it('of 10,000 events, each the cause of the next, is read whole', async () => {
      const count = 10_000;
      const id = await suite.operations().operation(suite.openAccount, (context) => {
        let event = suite.append('e0');
        for (let index = 1; index < count; index += 1)
          event = withTrace(traceAfter(event), () => suite.append(`e${index}`));
        return context.id;
      });
      await suite.operations().close({ timeout: 60_000 });
      const chain = await suite.chainOf(id);
      const steps = [...walkChain(chain)];
      expect(steps).toHaveLength(count + 1);
      expect(steps.at(-1)).toMatchObject({ depth: count, node: { id: `e${count - 1}` } });
      expect(chain.complete).toBe(true);
      const part = await suite.operations().get(id, { limit: 10 });
      expect([...walkChain(part as typeof chain)]).toHaveLength(10);
      expect(part?.complete).toBe(false);
    }, 120_000);

    it('of an operation nobody has heard of does not exist', async () => {
      const unknown = 'op_0190b5a0-0000-7000-8000-000000000000';
      expect(await suite.operations().get(unknown)).toBeUndefined();
      await expect(suite.operations().get('> or *')).rejects.toMatchObject({ code: 'INVALID_OPERATION' });
    });

    it('is the same for another process', async () => {
      const id = await suite.operations().operation(suite.openAccount, (context) => {
        suite.append('e1');
        return context.id;
      });
      await suite.operations().close();
      const other = await suite.another();
      expect((await other.get(id))?.events).toHaveLength(1);
      expect(await Array.fromAsync(other.list())).toMatchObject([{ id, state: 'succeeded' }]);
      await other.close();
    });
  });
}

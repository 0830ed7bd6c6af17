import { currentTrace, type RecordedEvent, traceAfter, withTrace } from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOperationId } from '../operations/operation-id.ts';
import { walkChain } from '../operations/walk-chain.ts';
import type { OperationQuery, Operations } from '../operations.ts';

export interface OpenedOperations {
  readonly operations: Operations;
  /** The same operations, as another process has them. The suite closes it. */
  another(): Promise<Operations>;
  /** Whatever has to end with the test, the operations aside. */
  readonly release?: () => Promise<void>;
}

/** What all operations promise. `open` gives new, empty ones each time. Runs under vitest. */
export function operationContract(
  implementation: string,
  open: (options: { readonly instance: string }) => Promise<OpenedOperations>,
): void {
  describe(`${implementation} keeps the promises of operations`, () => {
    let opened: OpenedOperations;
    let operations: Operations;
    let position = 0;

    beforeEach(async () => {
      position = 0;
      opened = await open({ instance: 'here' });
      operations = opened.operations;
    });
    afterEach(async () => {
      await operations.close();
      await opened.release?.();
    });

    /** Appended here and now, as a store would do it. */
    function append(id: string, aggregateId = 'a1'): RecordedEvent {
      const { correlationId = id, causationId } = currentTrace();
      position += 1;
      const aggregate = { type: 'account', id: aggregateId };
      const event: RecordedEvent = {
        ...{ id, type: 'opened', aggregate, position, time: new Date(), correlationId, causationId },
        ...{ store: 'blog', revision: position, schemaVersion: 1, data: {}, metadata: {} },
        traceparent: undefined,
      };
      operations.recorder.appended([event]);
      return event;
    }

    const list = (query?: OperationQuery) => Array.fromAsync(operations.list(query));
    const chainOf = async (id: string) => {
      const chain = await operations.get(id);
      if (chain === undefined) throw new Error(`nothing is on record of ${id}`);
      return chain;
    };
    /** The chain as indented lines. */
    const shape = async (id: string) =>
      [...walkChain(await chainOf(id))].map(
        ({ node, depth }) =>
          `${'  '.repeat(depth)}${'position' in node ? node.id : (node.operation?.name ?? 'unknown')}`,
      );

    const open1 = { kind: 'command', name: 'open-account' } as const;

    describe('an operation', () => {
      it('gives back the result of its work', async () => {
        expect(await operations.operation(open1, async ({ id }) => isOperationId(id))).toBe(true);
        expect(await operations.operation(open1, () => 7)).toBe(7);
      });

      it('is on record as running before its work begins, and as succeeded after', async () => {
        const id = await operations.operation(
          { ...open1, input: { owner: 'ada', limit: [1, null], left: undefined }, user: 'u1' },
          async (context) => {
            const running = (await chainOf(context.id)).operation;
            expect(running).toMatchObject({ state: 'running', endedAt: undefined, error: undefined });
            return context.id;
          },
        );
        const { operation } = await chainOf(id);
        expect(operation).toEqual({
          id,
          ...open1,
          input: { owner: 'ada', limit: [1, null] },
          user: 'u1',
          startedAt: expect.any(Date),
          endedAt: expect.any(Date),
          state: 'succeeded',
          error: undefined,
          correlationId: id,
          parentId: undefined,
          instance: 'here',
        });
      });

      it('that fails throws what its work threw, and keeps name, message and code', async () => {
        const error = Object.assign(new RangeError('too much'), { code: 'TOO_MUCH' });
        const work = operations.operation(open1, async () => {
          throw error;
        });
        await expect(work).rejects.toBe(error);
        const [failed] = await list({ state: 'failed' });
        expect(failed?.error).toEqual({ name: 'RangeError', message: 'too much', code: 'TOO_MUCH' });
      });

      it('keeps whatever was thrown, also what is no error', async () => {
        await expect(operations.operation(open1, () => Promise.reject('no'))).rejects.toBe('no');
        const [failed] = await list();
        expect(failed?.error?.message).toContain("'no'");
      });

      it('takes any name, input and user', async () => {
        const name = 'pay.* > 🚀 "now"';
        const input = { 'ключ 🚀': '\ud83d\ude80\n', __proto: [{}] };
        await operations.operation({ kind: 'webhook', name, input, user: { id: 7 } }, () => {});
        expect(await list({ name })).toMatchObject([{ name, input, user: { id: 7 } }]);
      });

      it('hands its signal to its work, and does not begin where that has aborted', async () => {
        const controller = new AbortController();
        await operations.operation({ ...open1, signal: controller.signal }, ({ signal }) => {
          expect(signal).toBe(controller.signal);
        });
        controller.abort(new Error('stop'));
        const work = operations.operation({ ...open1, signal: controller.signal }, () => {});
        await expect(work).rejects.toThrow('stop');
        expect(await list()).toHaveLength(1);
      });

      it.each([
        ['kind', { kind: 'cron' as never, name: 'n' }],
        ['name', { kind: 'command', name: '' }],
        ['name', { kind: 'command', name: 'n'.repeat(129) }],
        ['input', { kind: 'command', name: 'n', input: { at: new Date() } as never }],
        ['input', { kind: 'command', name: 'n', input: { big: 1n } as never }],
        ['input', { kind: 'command', name: 'n', input: [Number.NaN] }],
        ['input', { kind: 'command', name: 'n', input: 'x'.repeat(65_535) }],
        ['user', { kind: 'command', name: 'n', user: { toJSON: () => 'x' } as never }],
        ['timeout', { kind: 'command', name: 'n', timeout: 0 }],
        ['unrecorded', { kind: 'command', name: 'n', unrecorded: 'maybe' as never }],
      ] as const)('with a wrong %s is refused, and not run', async (option, options) => {
        let ran = false;
        const work = operations.operation(options, () => {
          ran = true;
        });
        await expect(work).rejects.toMatchObject({ code: 'INVALID_OPERATION', option });
        expect(ran).toBe(false);
        expect(await list()).toEqual([]);
      });

      it('is refused once they are closed', async () => {
        await operations.close();
        await expect(operations.operation(open1, () => {})).rejects.toMatchObject({
          code: 'OPERATIONS_CLOSED',
        });
      });
    });

    describe('a chain', () => {
      it('has the events appended in the operation, also after an await', async () => {
        const id = await operations.operation(open1, async (context) => {
          append('e1');
          await new Promise((resolve) => setImmediate(resolve));
          append('e2');
          return context.id;
        });
        append('not in it');
        expect(await shape(id)).toEqual(['open-account', '  e1', '  e2']);
        const [event] = (await chainOf(id)).events;
        expect(event).toMatchObject({
          type: 'opened',
          aggregate: { type: 'account', id: 'a1' },
          position: 1,
        });
        expect(event).toMatchObject({ correlationId: id, causationId: id, groups: [] });
      });

      it('goes on through handlers: what they append hangs below the event', async () => {
        const id = await operations.operation(open1, async (context) => {
          const e1 = append('e1');
          withTrace(traceAfter(e1), () => withTrace(traceAfter(append('e1.1')), () => append('e1.1.1')));
          append('e2');
          withTrace(traceAfter(e1), () => append('e1.2'));
          return context.id;
        });
        expect(await shape(id)).toEqual([
          'open-account',
          '  e1',
          '    e1.1',
          '      e1.1.1',
          '    e1.2',
          '  e2',
        ]);
      });

      it('says of each event which group handled it, how often it failed, and how it ended', async () => {
        const { id, event } = await operations.operation(open1, (context) => ({
          id: context.id,
          event: append('e1'),
        }));
        const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second));
        const { handled } = operations.recorder;
        const error = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
        handled({ event, group: 'mail', attempt: 1, outcome: 'retrying', error, at: at(1), instance: 'i1' });
        handled({ event, group: 'mail', attempt: 2, outcome: 'handled', at: at(2) });
        handled({ event, group: 'a. *>', attempt: 1, outcome: 'retrying', error, at: at(3) });
        handled({ event, group: 'stats', attempt: 1, outcome: 'retrying', error, at: at(4) });
        handled({ event, group: 'stats', attempt: 2, outcome: 'dead-lettered', error, at: at(5) });
        const facts = { name: 'Error', message: 'away', code: 'ECONNREFUSED' };
        const failure = { instance: 'here', error: facts };
        expect((await chainOf(id)).events[0]?.groups).toEqual([
          {
            group: 'a. *>',
            outcome: 'retrying',
            at: at(3),
            attempts: 1,
            failures: [{ ...failure, attempt: 1, at: at(3), outcome: 'retrying' }],
          },
          {
            group: 'mail',
            outcome: 'handled',
            at: at(2),
            attempts: 2,
            failures: [{ ...failure, instance: 'i1', attempt: 1, at: at(1), outcome: 'retrying' }],
          },
          {
            group: 'stats',
            outcome: 'dead-lettered',
            at: at(5),
            attempts: 2,
            failures: [
              { ...failure, attempt: 1, at: at(4), outcome: 'retrying' },
              { ...failure, attempt: 2, at: at(5), outcome: 'dead-lettered' },
            ],
          },
        ]);
      });

      it('has each thing once, however often it was reported', async () => {
        const id = await operations.operation(open1, (context) => {
          const event = append('e1');
          operations.recorder.appended([event, event]);
          for (let time = 0; time < 3; time += 1)
            operations.recorder.handled({
              event,
              group: 'mail',
              attempt: 1,
              outcome: 'retrying',
              error: new Error('away'),
              at: new Date(7),
            });
          return context.id;
        });
        expect(await shape(id)).toEqual(['open-account', '  e1']);
        expect((await chainOf(id)).events[0]?.groups).toMatchObject([{ attempts: 1, failures: [{}] }]);
      });

      it('keeps the history of a dead letter that is redriven', async () => {
        const { id, event } = await operations.operation(open1, (context) => ({
          id: context.id,
          event: append('e1'),
        }));
        const { handled } = operations.recorder;
        const error = new Error('away');
        handled({ event, group: 'mail', attempt: 1, outcome: 'dead-lettered', error, at: new Date(1) });
        handled({ event, group: 'mail', attempt: 1, outcome: 'handled', at: new Date(2) });
        expect((await chainOf(id)).events[0]?.groups).toMatchObject([
          { outcome: 'handled', attempts: 2, failures: [{ outcome: 'dead-lettered' }] },
        ]);
      });

      it('learns of an event whose append was not reported when a group has handled it', async () => {
        const id = await operations.operation(open1, (context) => {
          const { correlationId = '', causationId } = currentTrace();
          const aggregate = { type: 'account', id: 'a1' };
          const event = { id: 'lost', type: 'opened', aggregate, position: 9, correlationId, causationId };
          const handling = { group: 'mail', attempt: 1, outcome: 'handled' } as const;
          operations.recorder.handled({ event: { ...event, time: new Date() }, ...handling });
          return context.id;
        });
        expect(await shape(id)).toEqual(['open-account', '  lost']);
      });

      it('shows events whose cause is not on record, and those that cause each other, as detached', async () => {
        const id = await operations.operation(open1, (context) => {
          const correlationId = context.id;
          append('e1');
          withTrace({ correlationId, causationId: 'gone' }, () => append('orphan'));
          withTrace({ correlationId, causationId: 'orphan' }, () => append('below'));
          withTrace({ correlationId, causationId: 'c2' }, () => append('c1'));
          withTrace({ correlationId, causationId: 'c1' }, () => append('c2'));
          withTrace({ correlationId, causationId: 'self' }, () => append('self'));
          return context.id;
        });
        expect(await shape(id)).toEqual(['open-account', '  e1', 'orphan', '  below', 'c1', '  c2', 'self']);
      });

      it('of events with any id, also very long ones, is read back', async () => {
        const ids = ['a.b', '*', '>', '🚀 x', 'x'.repeat(500), `${'x'.repeat(500)}y`];
        const id = await operations.operation(open1, (context) => {
          for (const each of ids) append(each);
          return context.id;
        });
        expect((await chainOf(id)).events.map((event) => event.id)).toEqual(ids);
      });

      it('of 10,000 events, each the cause of the next, is read whole', async () => {
        const count = 10_000;
        const id = await operations.operation(open1, (context) => {
          let event = append('e0');
          for (let index = 1; index < count; index += 1)
            event = withTrace(traceAfter(event), () => append(`e${index}`));
          return context.id;
        });
        await operations.close({ timeout: 60_000 });
        const chain = await chainOf(id);
        const steps = [...walkChain(chain)];
        expect(steps).toHaveLength(count + 1);
        expect(steps.at(-1)).toMatchObject({ depth: count, node: { id: `e${count - 1}` } });
        expect(chain.complete).toBe(true);
        const part = await operations.get(id, { limit: 10 });
        expect([...walkChain(part as typeof chain)]).toHaveLength(10);
        expect(part?.complete).toBe(false);
      }, 120_000);

      it('of an operation nobody has heard of does not exist', async () => {
        const unknown = 'op_0190b5a0-0000-7000-8000-000000000000';
        expect(await operations.get(unknown)).toBeUndefined();
        await expect(operations.get('> or *')).rejects.toMatchObject({ code: 'INVALID_OPERATION' });
      });

      it('is the same for another process', async () => {
        const id = await operations.operation(open1, (context) => {
          append('e1');
          return context.id;
        });
        await operations.close();
        const other = await opened.another();
        expect((await other.get(id))?.events).toHaveLength(1);
        expect(await Array.fromAsync(other.list())).toMatchObject([{ id, state: 'succeeded' }]);
        await other.close();
      });
    });

    describe('an operation inside another', () => {
      it('keeps the outer correlation, and its events hang below it', async () => {
        const inner = { kind: 'external', name: 'inner' } as const;
        const ids = await operations.operation(open1, async (outer) => {
          const e1 = append('e1');
          const first = await operations.operation(inner, async ({ id }) => {
            append('e2');
            return id;
          });
          const inHandler = () =>
            operations.operation({ ...inner, name: 'in a handler' }, async ({ id }) => {
              append('e3');
              return id;
            });
          return { outer: outer.id, first, second: await withTrace(traceAfter(e1), inHandler) };
        });
        expect(await shape(ids.outer)).toEqual([
          'open-account',
          '  e1',
          '    in a handler',
          '      e3',
          '  inner',
          '    e2',
        ]);
        expect(await shape(ids.first)).toEqual(['inner', '  e2']);
        expect(await shape(ids.second)).toEqual(['in a handler', '  e3']);
        expect((await chainOf(ids.first)).operation).toMatchObject({
          correlationId: ids.outer,
          parentId: ids.outer,
          state: 'succeeded',
        });
        expect((await chainOf(ids.second)).operation?.parentId).toBe('e1');
        expect((await list()).map(({ name }) => name)).toEqual(['in a handler', 'inner', 'open-account']);
      });

      it('begins a chain of its own where the outer one is no operation, and keeps the trace context', async () => {
        const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
        const outer = { correlationId: 'request-1', causationId: 'event-1', traceparent };
        const id = await withTrace(outer, () =>
          operations.operation(open1, (context) => {
            expect(currentTrace()).toEqual({
              correlationId: context.id,
              causationId: context.id,
              traceparent,
            });
            return context.id;
          }),
        );
        expect((await chainOf(id)).operation).toMatchObject({ correlationId: id, parentId: 'event-1' });
      });
    });

    describe('a list', () => {
      const run = (kind: 'command' | 'webhook', name: string) =>
        operations.operation({ kind, name }, ({ id }) => id);

      it('has the newest first, as many as asked for, of the kind, name, state and time asked for', async () => {
        const ids: string[] = [];
        for (let index = 0; index < 5; index += 1) ids.push(await run('command', 'open'));
        ids.push(await run('webhook', 'paid'), await run('command', 'close'));
        await operations.operation(open1, () => Promise.reject(new Error('no'))).catch(() => {});
        const all = await list();
        expect(all.map(({ id }) => id)).toEqual([expect.any(String), ...ids.toReversed()]);
        expect(await list({ limit: 2 })).toEqual(all.slice(0, 2));
        expect((await list({ kind: 'webhook' })).map(({ name }) => name)).toEqual(['paid']);
        expect(await list({ name: 'open' })).toHaveLength(5);
        expect(await list({ kind: 'webhook', name: 'open' })).toEqual([]);
        expect(await list({ state: 'succeeded' })).toHaveLength(7);
        expect(await list({ state: 'failed' })).toMatchObject([open1]);
        const [newest, second] = all;
        expect(await list({ from: newest?.startedAt as Date })).toContainEqual(newest);
        expect(await list({ to: second?.startedAt as Date })).not.toContainEqual(second);
        expect(await list({ from: new Date(Date.now() + 60_000) })).toEqual([]);
        expect(await list({ to: new Date(0) })).toEqual([]);
        expect(await list({ to: new Date(Date.now() + 600_000), from: new Date(0) })).toEqual(all);
      });

      it('has those that run', async () => {
        await run('command', 'done');
        await operations.operation(open1, async ({ id }) => {
          expect(await list({ state: 'running' })).toMatchObject([{ id, endedAt: undefined }]);
        });
        expect(await list({ state: 'running' })).toEqual([]);
      });

      it('of more than a few hundred is read whole, with many other records between them', async () => {
        const ids = await Promise.all(
          Array.from({ length: 700 }, (_, index) =>
            operations.operation({ ...open1, name: `n${index % 7}` }, ({ id }) => {
              for (let each = 0; each < index % 10; each += 1) append(`${id}-${each}`);
              return id;
            }),
          ),
        );
        const all = await list();
        expect(all.every(({ state }) => state === 'succeeded')).toBe(true);
        expect(all.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
        expect(await list({ name: 'n3' })).toHaveLength(100);
      }, 60_000);

      it.each([
        { kind: '*' as never },
        { name: '' },
        { state: 'done' as never },
        { limit: 0 },
        { from: new Date(Number.NaN) },
      ])('for %o is refused', async (query) => {
        await expect(list(query)).rejects.toMatchObject({ code: 'INVALID_OPERATION' });
      });
    });

    it('leaves no record of what is in no operation, and cannot be made to throw', async () => {
      append('e1');
      const { recorder } = operations;
      const id = await operations.operation(open1, ({ id }) => id);
      recorder.appended([{ id: 'broken', correlationId: id } as never]);
      recorder.handled({ event: { correlationId: id } } as never);
      expect(await shape(id)).toEqual(['open-account']);
    });
  });
}

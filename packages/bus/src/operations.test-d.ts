import type { RecordedEvent } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { ErrorFacts, Operation, OperationChain, Operations } from './operations.ts';

declare const operations: Operations;
declare const event: RecordedEvent;

test('an operation gives what its work gives', () => {
  const { operation } = operations;
  const options = { kind: 'command', name: 'open' } as const;
  expectTypeOf(operation(options, () => 1)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(operation(options, async ({ id }) => id)).toEqualTypeOf<Promise<string>>();
  expectTypeOf(operation(options, () => {})).toEqualTypeOf<Promise<void>>();
  expectTypeOf(
    operation(options, async (context) => {
      expectTypeOf(context.signal).toEqualTypeOf<AbortSignal | undefined>();
    }),
  ).toEqualTypeOf<Promise<void>>();
});

test('input and user are JSON, and may be what a schema makes', () => {
  const work = () => {};
  const schema = z.object({ id: z.string(), note: z.string().optional(), tags: z.array(z.string()) });
  const input: z.infer<typeof schema> = { id: '1', tags: [] };
  void operations.operation({ kind: 'webhook', name: 'n', input, user: { id: 7 } }, work);
  // @ts-expect-error a date is not JSON
  void operations.operation({ kind: 'webhook', name: 'n', input: { at: new Date() } }, work);
  // @ts-expect-error a function is not JSON
  void operations.operation({ kind: 'webhook', name: 'n', user: () => 'u1' }, work);
  // @ts-expect-error there is no such kind
  void operations.operation({ kind: 'cron', name: 'n' }, work);
  // @ts-expect-error it has to have a name
  void operations.operation({ kind: 'schedule' }, work);
});

test('what is read back is typed', async () => {
  expectTypeOf(await operations.get('op_1')).toEqualTypeOf<OperationChain | undefined>();
  for await (const each of operations.list({ kind: 'command', state: 'failed', limit: 10 }))
    expectTypeOf(each).toEqualTypeOf<Operation>();
  expectTypeOf<Operation['error']>().toEqualTypeOf<ErrorFacts | undefined>();
  // @ts-expect-error there is no such state
  operations.list({ state: 'done' });
});

test('an event of the store can be reported as it is', () => {
  operations.recorder.appended([event]);
  operations.recorder.handled({ event, group: 'mail', attempt: 1, outcome: 'handled' });
  // @ts-expect-error there is no such outcome
  operations.recorder.handled({ event, group: 'mail', attempt: 1, outcome: 'ok' });
});

import { defineCommand, defineEvent, defineQuery, type Message } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { AnswerOf, Commands, Handling, RequestContext } from './commands.ts';

const Rename = defineCommand(
  'rename',
  z.object({ title: z.string(), at: z.string().transform((text) => text.length) }),
  {
    result: z.object({ revision: z.number() }),
  },
);
const Touch = defineCommand('touch', z.object({ id: z.string() }));
const Find = defineQuery('find', z.object({ id: z.string() }), z.object({ title: z.string() }).nullable());
const Renamed = defineEvent('renamed', z.object({ title: z.string() }));

declare const commands: Commands;

test('the answer has the type of the result schema, and is undefined without one', () => {
  const rename = () => commands.send(Rename, { title: 'Hello', at: 'now' });
  expectTypeOf(rename).returns.resolves.toEqualTypeOf<{ revision: number }>();
  const touch = () => commands.send(Touch, { id: 'p1' });
  expectTypeOf(touch).returns.resolves.toEqualTypeOf<undefined>();
  const find = () => commands.send(Find, { id: 'p1' }, { timeout: 5, signal: AbortSignal.timeout(5) });
  expectTypeOf(find).returns.resolves.toEqualTypeOf<{ title: string } | null>();
  expectTypeOf<AnswerOf<typeof Find>>().toEqualTypeOf<{ title: string } | null>();
});

test('a handler gets the payload as the schema makes it, without annotations', () => {
  const handling = commands.handle(Rename, (request, context) => {
    expectTypeOf(request).toEqualTypeOf<Message<'rename', { title: string; at: number }>>();
    expectTypeOf(context).toEqualTypeOf<RequestContext>();
    return { revision: request.data.at };
  });
  expectTypeOf(handling).toEqualTypeOf<Handling>();
});

test('a handler may answer at once or later, and anything where nothing is answered', () => {
  commands.handle(Find, async () => null);
  commands.handle(Find, () => ({ title: 'Hello' }), { concurrency: 5, waiting: 0 });
  commands.handle(Touch, () => {});
  commands.handle(Touch, async () => 'of no interest');
});

test('an answer of another type does not compile', () => {
  // @ts-expect-error the revision is a number
  commands.handle(Rename, () => ({ revision: '2' }));
  // @ts-expect-error it is a promise of something else
  commands.handle(Find, async () => ({ name: 'Hello' }));
  // @ts-expect-error an answer is due
  commands.handle(Rename, () => {});
});

test('a payload that does not fit does not compile', () => {
  // @ts-expect-error the title is missing
  void commands.send(Rename, { at: 'now' });
  // @ts-expect-error the id is text
  void commands.send(Touch, { id: 5 });
});

test('a field that the payload does not have does not compile', () => {
  // @ts-expect-error it is title
  commands.handle(Rename, ({ data }) => ({ revision: data.name }));
});

test('an event is neither sent nor handled, and options are spelled right', () => {
  // @ts-expect-error events are appended
  void commands.send(Renamed, { title: 'Hello' });
  // @ts-expect-error events are subscribed to
  commands.handle(Renamed, () => {});
  // @ts-expect-error it is timeout
  void commands.send(Touch, { id: 'p1' }, { deadline: 5 });
});

import * as v from 'valibot';
import { expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import { defineEvent, type EventDefinition, type EventOf, type NewEventOf } from './define-event.ts';
import type { DataOf, InputOf } from './definition.ts';
import type { NewEvent, RecordedEvent } from './event.ts';

const Published = defineEvent(
  'post-published',
  z.object({ title: z.string(), lang: z.string().default('en') }),
);
const Renamed = defineEvent('post-renamed', v.object({ title: v.string() }));
type PostEvent = EventOf<typeof Published | typeof Renamed>;

test('name, input and data are inferred from name and schema, whoever made the schema', () => {
  expectTypeOf(Published.type).toEqualTypeOf<'post-published'>();
  expectTypeOf<InputOf<typeof Published>>().toEqualTypeOf<{ title: string; lang?: string | undefined }>();
  expectTypeOf<DataOf<typeof Published>>().toEqualTypeOf<{ title: string; lang: string }>();
  expectTypeOf<InputOf<typeof Renamed>>().toEqualTypeOf<{ title: string }>();
  expectTypeOf<EventOf<typeof Renamed>>().toEqualTypeOf<RecordedEvent<'post-renamed', { title: string }>>();
  expectTypeOf<NewEventOf<typeof Renamed>>().toEqualTypeOf<NewEvent<'post-renamed', { title: string }>>();
});

test('every definition is a definition', () => {
  expectTypeOf(Published).toExtend<EventDefinition>();
  expectTypeOf(Renamed).toExtend<EventDefinition>();
  expectTypeOf([Published, Renamed]).toExtend<readonly EventDefinition[]>();
});

test('a new event takes what the schema takes', () => {
  expectTypeOf(Published.create({ title: 'a' })).toExtend<NewEventOf<typeof Published>>();
  Published.create({ title: 'a', lang: 'de' }, { id: 'e1', metadata: { tenant: 'a', roles: ['x'] } });
  // @ts-expect-error the title is missing
  Published.create({});
  // @ts-expect-error a title is text
  Published.create({ title: 5 });
  // @ts-expect-error no such key
  Published.create({ title: 'a', author: 'ada' });
  // @ts-expect-error metadata is JSON
  Published.create({ title: 'a' }, { metadata: { at: new Date() } });
});

test('several events are a union that the name tells apart', () => {
  expectTypeOf<PostEvent['type']>().toEqualTypeOf<'post-published' | 'post-renamed'>();
  const titleOf = (event: PostEvent) => {
    switch (event.type) {
      case 'post-published':
        expectTypeOf(event.data).toEqualTypeOf<{ title: string; lang: string }>();
        return event.data.lang;
      case 'post-renamed':
        expectTypeOf(event.data).toEqualTypeOf<{ title: string }>();
        // @ts-expect-error only a published post has a language
        return event.data.lang;
      default:
        return event satisfies never;
    }
  };
  expectTypeOf(titleOf).parameter(0).toEqualTypeOf<PostEvent>();
  const wrong = (event: PostEvent) => {
    // @ts-expect-error no event of that name
    return event.type === 'post-deleted';
  };
  expectTypeOf(wrong).returns.toEqualTypeOf<boolean>();
});

test('an upcaster gets what the version before gave and returns what the next one takes', () => {
  const Later = Published.version(
    2,
    z.object({ name: z.string(), size: z.number().optional() }),
    (before) => {
      expectTypeOf(before).toEqualTypeOf<{ title: string; lang: string }>();
      return { name: before.title };
    },
  );
  expectTypeOf(Later.schemaVersion).toEqualTypeOf<2>();
  expectTypeOf<DataOf<typeof Later>>().toEqualTypeOf<{ name: string; size?: number | undefined }>();
  Later.create({ name: 'a' });
  // @ts-expect-error the payload of the version before
  Later.create({ title: 'a' });

  const Third = Later.version(3, v.object({ names: v.array(v.string()) }), ({ name }) => ({ names: [name] }));
  expectTypeOf(Third.schemaVersion).toEqualTypeOf<3>();
  expectTypeOf<EventOf<typeof Third>['data']>().toEqualTypeOf<{ names: string[] }>();
  expectTypeOf<EventOf<typeof Third>['type']>().toEqualTypeOf<'post-published'>();
});

test('an upcaster that returns anything else does not compile', () => {
  const next = z.object({ name: z.string() });
  // @ts-expect-error a name is text
  Published.version(2, next, () => ({ name: 5 }));
  // @ts-expect-error the name is missing
  Published.version(2, next, () => ({}));
  // @ts-expect-error the version before had no author
  Published.version(2, next, ({ author }) => ({ name: author }));
  // @ts-expect-error an upcaster answers at once
  Published.version(2, next, async ({ title }) => ({ name: title }));
  // @ts-expect-error there is no way from the version before
  Published.version(2, next);
});

test('a gap, a way back and a version twice do not compile', () => {
  const next = z.object({ title: z.string() });
  // @ts-expect-error version 2 is missing
  Published.version(3, next, (before) => before);
  // @ts-expect-error the first version is 1 already
  Published.version(1, next, (before) => before);
  // @ts-expect-error versions begin with 1
  Published.version(0, next, (before) => before);
  // @ts-expect-error version 2 is there already
  Published.version(2, next, (before) => before).version(2, next, (before) => before);
  // @ts-expect-error version 3 is missing
  Published.version(2, next, (before) => before).version(4, next, (before) => before);
  // @ts-expect-error a version is a number known at compile time
  Published.version(Number('2'), next, (before) => before);
});

test('a schema is a Standard Schema', () => {
  // @ts-expect-error an object is no schema
  defineEvent('post-published', { title: 'string' });
});

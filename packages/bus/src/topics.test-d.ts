import { defineEvent } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Bus } from './bus.ts';
import type { Schedules } from './schedules.ts';
import { decodeTopicEvent, type TopicEvent } from './topic-event.ts';
import { defineTopic, type TopicEventOf, type Topics } from './topics.ts';

const Requested = defineEvent('mail-requested', z.object({ to: z.string(), size: z.coerce.number() }));
const Bounced = defineEvent('mail-bounced', z.object({ to: z.string() }));
const Paid = defineEvent('order-paid', z.object({ cents: z.int() }));
const Mail = defineTopic('mail', { events: [Requested, Bounced] });

declare const bus: Bus;
declare const topics: Topics;
declare const schedules: Schedules;

test('a topic knows its name and events', () => {
  expectTypeOf(Mail.name).toEqualTypeOf<'mail'>();
  expectTypeOf<TopicEventOf<typeof Mail>>().toEqualTypeOf<
    TopicEvent<'mail-requested', { to: string; size: number }> | TopicEvent<'mail-bounced', { to: string }>
  >();
  expectTypeOf(decodeTopicEvent(Mail.catalog, {} as never)).toEqualTypeOf<TopicEventOf<typeof Mail>>();
});

test('its events are published, and no others', () => {
  void topics.publish(Mail, 'ada', Requested.create({ to: 'ada', size: '5' }));
  // @ts-expect-error no event of the topic
  void topics.publish(Mail, 'ada', Paid.create({ cents: 1 }));
  // @ts-expect-error another payload
  void topics.publish(Mail, 'ada', { type: 'mail-bounced', data: { to: 7 } });
  // @ts-expect-error no key
  void topics.publish(Mail, Bounced.create({ to: 'ada' }));
  // @ts-expect-error an option that is none
  void topics.publish(Mail, 'ada', Bounced.create({ to: 'ada' }), { timeOut: 5 });
});

test('its events are subscribed to, and no others', () => {
  bus.subscribeTopic(Mail, {
    group: 'mail',
    on: {
      'mail-requested': (event) => expectTypeOf(event.data).toEqualTypeOf<{ to: string; size: number }>(),
      'mail-bounced': ({ key, topic }) => expectTypeOf([key, topic]).toEqualTypeOf<string[]>(),
    },
  });
  bus.subscribeTopic(Mail, {
    group: 'mail',
    types: ['mail-bounced'],
    handle: (event) => expectTypeOf(event).toEqualTypeOf<TopicEvent<'mail-bounced', { to: string }>>(),
  });
  // @ts-expect-error no event of the topic
  bus.subscribeTopic(Mail, { group: 'mail', on: { 'order-paid': () => {} } });
  // @ts-expect-error no event of the topic
  bus.subscribeTopic(Mail, { group: 'mail', types: ['order-paid'], handle: () => {} });
  // @ts-expect-error no group
  bus.subscribeTopic(Mail, { on: { 'mail-bounced': () => {} } });
  // @ts-expect-error an event of a topic has no aggregate
  bus.subscribeTopic(Mail, { group: 'mail', on: { 'mail-bounced': (event) => event.aggregate } });
});

test('so are schedules', () => {
  void schedules.at('id', new Date(), Mail, 'ada', Bounced.create({ to: 'ada' }));
  void schedules.every('id', 1_000, Mail, 'ada', Bounced.create({ to: 'ada' }));
  // @ts-expect-error no event of the topic
  void schedules.cron('id', '@daily', Mail, 'ada', Paid.create({ cents: 1 }));
  // @ts-expect-error a Date
  void schedules.at('id', '2030-01-01', Mail, 'ada', Bounced.create({ to: 'ada' }));
});

test('a topic of some events is a topic, and one of none is none', () => {
  const all: readonly { readonly name: string }[] = [Mail];
  expectTypeOf(all).not.toBeAny();
  // @ts-expect-error no events
  defineTopic('mail');
});

import { defineEvent } from '@pipit/types-registry';
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Schedules } from './schedules.ts';
import { decodeTopicEvent, type TopicEvent } from './topic-event.ts';
import { defineTopic, type TopicEventOf, type Topics } from './topics.ts';

const Requested = defineEvent('mail-requested', z.object({ to: z.string(), size: z.coerce.number() }));
const Bounced = defineEvent('mail-bounced', z.object({ to: z.string() }));
const Paid = defineEvent('order-paid', z.object({ cents: z.int() }));
const Mail = defineTopic('mail', { events: [Requested, Bounced] });

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

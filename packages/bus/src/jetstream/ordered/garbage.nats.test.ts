import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../testing/until.ts';
import { type Blog, openBlog, Post, publish } from '../blog.fixture.ts';

let server: NatsServer;
let blog: Blog;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
afterEach(() => blog.close());

const garbage = [
  '',
  'nonsense',
  'null',
  '7',
  '[]',
  '{}',
  '{"leader":7}',
  '{"id":"x","inbox":null}',
  '\u0000\u00ff',
];

describe('what somebody else publishes on the subjects of an ordered group', () => {
  it('is logged once and ignored by who leads and who follows, and harms nothing', async () => {
    blog = await openBlog(server, 'garbage');
    const subjects = new Set<string>();
    const listening = blog.connection.subscribe('>', {
      callback: (_, { subject }) => void subjects.add(subject),
    });
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);

    const seen: [number, string][] = [];
    const buses = [await blog.instance(2_000), await blog.instance(2_000)];
    for (const [index, bus] of buses.entries()) {
      const handle = ({ aggregate: { id } }: { aggregate: { id: string } }) => void seen.push([index, id]);
      await bus.subscribe({ group: 'mail', on: { 'post-published': handle } }).ready;
    }
    let count = 0;
    const append = async () => {
      count += 1;
      await blog.store.append(Post, `p${count}`, publish('Hello'));
    };
    // Both handle some: one leads, the other follows.
    await until(async () => {
      await append();
      return new Set(seen.map(([index]) => index)).size === 2;
    });
    const presence = [...subjects].find((subject) => subject.endsWith('.presence')) ?? '';
    const attempt = [...subjects].find((subject) => /^_INBOX\.[^.]+\.\d+\.\d+\./.test(subject)) ?? '';
    expect([presence, attempt]).not.toContain('');
    const ofLeader = presence.slice(0, -'.presence'.length);
    const ofMember = attempt.split('.').slice(0, 2).join('.');
    for (const text of garbage) {
      for (const subject of [
        'pipit.garbage.group.mail',
        presence,
        ...[1, 2, 3, 4, 5].map((number) => `${ofLeader}.${number}`),
        `${ofMember}.1`,
        `${ofMember}.x.y`,
        attempt,
      ]) {
        blog.connection.publish(subject, text);
      }
    }
    await blog.connection.flush();
    for (let i = 0; i < 20; i += 1) await append();
    await until(() => seen.length >= count);
    process.off('unhandledRejection', onUnhandled);
    listening.unsubscribe();
    expect(unhandled).toEqual([]);
    expect(seen.map(([, id]) => id).toSorted()).toEqual(
      Array.from({ length: count }, (_, index) => `p${index + 1}`).toSorted(),
    );
    const told = blog.log.filter(({ message }) => message.includes('that no member of it wrote'));
    // Once as a member, of which there are two, and once as the leader.
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.length).toBeLessThanOrEqual(3);
    expect(told.every(({ level }) => level === 'warn')).toBe(true);
  });
});

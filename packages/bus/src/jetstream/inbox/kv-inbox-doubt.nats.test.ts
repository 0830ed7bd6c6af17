import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Doubt, Inbox } from '../../inbox.ts';
import { startGate } from './gate.fixture.ts';
import { type Inboxes, openInboxes } from './inbox-store.fixture.ts';

let server: NatsServer;
let inboxes: Inboxes;
let stores = 0;
let effects: number;
const key = { group: 'mail', eventId: 'e1' };
const effect = async () => {
  effects += 1;
};

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  stores += 1;
  effects = 0;
  inboxes = await openInboxes(server.url, `doubt-${stores}`);
});
afterEach(() => inboxes.close());

/** An effect that is under way, and what ends it. */
async function begin(inbox: Inbox) {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const outcome = inbox.once(
    key,
    () => {
      begun.resolve();
      return end.promise;
    },
    { onDoubt: 'fail' },
  );
  outcome.catch(() => {});
  await begun.promise;
  return { ...end, outcome };
}

describe('an effect whose process has died', () => {
  it('under SIGKILL is in doubt, and by default nothing is done', async () => {
    const dying = fileURLToPath(new URL('dying-process.fixture.ts', import.meta.url));
    const child = fork(dying, [server.url, `doubt-${stores}`], { execArgv: [] });
    expect(await once(child, 'message')).toContain('begun');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { inbox } = await inboxes.process();
    for (let i = 0; i < 2; i++) {
      await expect(inbox.once(key, effect, { onDoubt: 'fail' })).rejects.toMatchObject({
        code: 'IN_DOUBT',
        ...key,
        begunAt: expect.any(Date),
      });
    }
    expect(effects).toBe(0);
  });

  it('is repeated once where that is chosen, also by several at the same moment', async () => {
    const dead = await inboxes.process();
    await begin(dead.inbox);
    await dead.die();
    const others = await Promise.all([1, 2, 3].map(() => inboxes.process()));
    const all = others.map(({ inbox }) => inbox.once(key, effect, { onDoubt: 'repeat' }));
    expect((await Promise.all(all)).toSorted()).toEqual(['done', 'repeated', 'repeated']);
    expect(effects).toBe(1);
  });

  it('is skipped where that is chosen, for good', async () => {
    const dead = await inboxes.process();
    await begin(dead.inbox);
    await dead.die();
    const { inbox } = await inboxes.process();
    expect(await inbox.once(key, effect, { onDoubt: 'skip' })).toBe('skipped');
    expect(await inbox.once(key, effect, { onDoubt: 'repeat' })).toBe('repeated');
    expect(effects).toBe(0);
  });

  it('can be asked about, and what the answer throws is the failure', async () => {
    const dead = await inboxes.process({ clock: () => 7 });
    await begin(dead.inbox);
    await dead.die();
    const { inbox } = await inboxes.process();
    const doubts: Doubt[] = [];
    const away = new Error('the bank does not answer');
    const asking = (doubt: Doubt) => {
      doubts.push(doubt);
      return Promise.reject(away);
    };
    await expect(inbox.once(key, effect, { onDoubt: asking })).rejects.toBe(away);
    expect(doubts).toEqual([{ ...key, begunAt: new Date(7) }]);
    expect(await inbox.once(key, effect, { onDoubt: async () => 'repeat' as const })).toBe('done');
    expect(effects).toBe(1);
  });

  it('can be forgotten by a person, and is handled when it comes again', async () => {
    const dead = await inboxes.process();
    await begin(dead.inbox);
    await dead.die();
    const { inbox } = await inboxes.process();
    await expect(inbox.once(key, effect, { onDoubt: 'fail' })).rejects.toMatchObject({ code: 'IN_DOUBT' });
    expect(await inbox.forget(key)).toBe(true);
    expect(await inbox.once(key, effect, { onDoubt: 'fail' })).toBe('done');
  });

  it('is known to be in doubt also by who can only wait for a moment each time', async () => {
    const dead = await inboxes.process();
    await begin(dead.inbox);
    await dead.die();
    const { inbox } = await inboxes.process({ wait: 0 });
    const codes = new Set<unknown>();
    await expect
      .poll(
        async () => {
          const error = await inbox.once(key, effect, { onDoubt: 'fail' }).catch((thrown: unknown) => thrown);
          codes.add((error as { code?: unknown }).code);
          return (error as { code?: unknown }).code;
        },
        { interval: 50 },
      )
      .toBe('IN_DOUBT');
    expect(codes).toEqual(new Set(['INBOX_BUSY', 'IN_DOUBT']));
  });
});

describe('a process that lives', () => {
  it('keeps an effect that takes far longer than its lease', async () => {
    const { inbox } = await inboxes.process();
    const other = await inboxes.process({ wait: 4_000 });
    const long = await begin(inbox);
    // Four leases long, it is never in doubt.
    await expect(other.inbox.once(key, effect, { onDoubt: 'repeat' })).rejects.toMatchObject({
      code: 'INBOX_BUSY',
    });
    long.resolve();
    expect(await long.outcome).toBe('done');
    expect(await other.inbox.once(key, effect, { onDoubt: 'repeat' })).toBe('repeated');
    expect(effects).toBe(0);
  });

  it('that was cut off for so long that another took over says so when it is back', async () => {
    const gate = await startGate(server.port);
    const { inbox } = await inboxes.process({}, gate.url);
    const long = await begin(inbox);
    gate.shut();
    const other = await inboxes.process();
    expect(await other.inbox.once(key, effect, { onDoubt: 'repeat' })).toBe('done');
    gate.open();
    long.resolve();
    // Its effect has happened, whatever became of the entry.
    expect(await long.outcome).toBe('done');
    const twice = { level: 'error', message: expect.stringMatching(/another took over/) };
    await expect.poll(() => inboxes.log).toContainEqual(twice);
    await gate.close();
  });

  it('takes back what it began without learning of it, so that nothing is in doubt', async () => {
    const gate = await startGate(server.port);
    const { inbox } = await inboxes.process({ lease: 10_000 }, gate.url);
    await inbox.once({ ...key, eventId: 'before' }, effect, { onDoubt: 'fail' });
    gate.loseAnswers();
    await expect(inbox.once(key, effect, { onDoubt: 'fail' })).rejects.toMatchObject({
      code: 'INBOX_UNAVAILABLE',
    });
    const entry = await inboxes.entry('mail.e1');
    expect(entry).toContain('begun');
    gate.shut();
    gate.open();
    const other = await inboxes.process();
    expect(await other.inbox.once(key, effect, { onDoubt: 'fail' })).toBe('done');
    expect(effects).toBe(2);
    await gate.close();
  });
});

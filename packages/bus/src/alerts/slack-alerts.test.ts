import { inspect } from 'node:util';
import type { LogFacts, Logger } from '@pipit/types-registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Alerts, DeadLetterAlert } from '../alerts.ts';
import { type SlackAlertsOptions, slackAlerts } from './slack-alerts.ts';
import {
  cut,
  halfAnswer,
  hang,
  type SlackServer,
  secret,
  startSlackServer,
  status,
} from './slack-server.fixture.ts';

let slack: SlackServer;
let alerts: Alerts;
let log: { level: keyof Logger; facts: LogFacts; message: string }[];

const letter = (eventId: string): DeadLetterAlert => ({
  store: 'blog',
  group: 'mail',
  type: 'post-published',
  eventId,
  attempts: 5,
  error: { name: 'Error', message: 'the mail server is away' },
  at: new Date('2026-01-01T00:00:00Z'),
});
const line =
  (level: keyof Logger): Logger[typeof level] =>
  (facts, message) =>
    void log.push({ level, facts, message });
const logger: Logger = { info: line('info'), warn: line('warn'), error: line('error') };

function open(options: Partial<SlackAlertsOptions> = {}): Alerts {
  alerts = slackAlerts({ url: slack.url, every: 20, retryDelay: 20, logger, ...options });
  return alerts;
}

const until = (condition: () => unknown) =>
  vi.waitFor(() => expect(condition()).toBeTruthy(), { timeout: 20_000, interval: 10 });

beforeEach(async () => {
  log = [];
  slack = await startSlackServer();
});

afterEach(async () => {
  await alerts.close();
  await slack.close();
  // Whatever happened.
  expect(inspect(log, { depth: 10 })).not.toContain(secret);
});

describe('slackAlerts', () => {
  it('posts a dead letter', async () => {
    open().deadLettered(letter('e1'));
    await until(() => slack.bodies.length === 1);
    expect(slack.bodies[0]?.text).toContain('group mail gave up on post-published e1 after 5 attempts');
    expect(slack.requests[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    expect(log).toEqual([]);
  });

  it('posts many letters as one message', async () => {
    open({ every: 200 });
    for (let i = 0; i < 1_000; i++) alerts.deadLettered(letter(`e${i}`));
    await until(() => slack.bodies.length === 1);
    expect(slack.bodies[0]?.text).toMatch(/^1000 events/);
    expect(slack.bodies[0]?.text).toContain('… and 990 more');
  });

  it.each([
    ['fails', status(500)],
    ['is away for a moment', cut],
    ['hangs', hang],
    ['is busy', status(429)],
  ])('tries again where the webhook %s, and meanwhile gathers what comes', async (_, trouble) => {
    open({ timeout: 100 });
    slack.answers = [trouble, trouble];
    alerts.deadLettered(letter('e1'));
    await until(() => slack.bodies.length === 1);
    alerts.deadLettered(letter('e2'));
    alerts.deadLettered(letter('e3'));
    await until(() => slack.bodies.length === 4);
    expect(slack.bodies.slice(0, 3).every(({ text }) => text.includes('e1'))).toBe(true);
    expect(slack.bodies[3]?.text).toMatch(/^2 events/);
    expect(log).toEqual([]);
  });

  it('does not wait for an answer to end', async () => {
    open({ timeout: 5_000 });
    slack.answers = [halfAnswer];
    alerts.deadLettered(letter('e1'));
    await until(() => slack.bodies.length === 1);
    alerts.deadLettered(letter('e2'));
    await until(() => slack.bodies.length === 2);
    expect(slack.bodies[1]?.text).toContain('e2');
  });

  it.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2_000).toUTCString()],
  ])('waits as long as Retry-After asks for, in %s', async (_, value) => {
    open();
    slack.answers = [status(429, { 'retry-after': value() })];
    alerts.deadLettered(letter('e1'));
    await until(() => slack.bodies.length === 2);
    const [first, second] = slack.times as [number, number];
    expect(second - first).toBeGreaterThan(950);
  });

  it('gives up after a while, says how many alerts were not sent, and goes on with the next', async () => {
    open({ giveUpAfter: 300 });
    slack.answers = Array.from({ length: 50 }, () => status(503));
    alerts.deadLettered(letter('e1'));
    alerts.deadLettered(letter('e2'));
    await until(() => log.length === 1);
    expect(log).toMatchObject([
      {
        level: 'error',
        facts: { count: 2, reason: 'answered 503' },
        message: expect.stringMatching(/^2 alerts/),
      },
    ]);
    slack.answers = [];
    alerts.deadLettered(letter('e3'));
    await until(() => slack.bodies.at(-1)?.text.includes('e3'));
  });

  it('gives up at once where it would have to wait for too long', async () => {
    open({ giveUpAfter: 1_000 });
    slack.answers = [status(429, { 'retry-after': '3600' })];
    alerts.deadLettered(letter('e1'));
    await until(() => log.length === 1);
    expect(slack.bodies).toHaveLength(1);
  });

  it.each([400, 403, 404, 410, 302])('does not try again what is refused with %i', async (code) => {
    open();
    slack.answers = [status(code, { location: slack.url })];
    alerts.deadLettered(letter('e1'));
    await until(() => log.length === 1);
    expect(slack.bodies).toHaveLength(1);
    expect(log[0]?.facts).toMatchObject({ count: 1, reason: `answered ${code}` });
  });

  it('keeps the URL out of the log, also where nobody is there or fetch speaks of it', async () => {
    const leak = async (url: unknown) => {
      throw Object.assign(new TypeError(`cannot reach ${String(url)}`), {
        cause: new Error(String(url)),
        code: String(url),
      });
    };
    for (const options of [{ fetch: leak as typeof fetch }, { url: `http://127.0.0.1:1/${secret}` }]) {
      log = [];
      open({ ...options, giveUpAfter: 100 }).deadLettered(letter('e1'));
      await until(() => log.length === 1);
      expect(log[0]?.message).toMatch(/could not be reached/);
      expect(inspect(log, { depth: 10 })).not.toContain(secret);
    }
  });

  it('throws nothing, whatever it is given and whatever the logger does', async () => {
    const refuse = () => {
      throw new Error('no');
    };
    open({ logger: { info: refuse, warn: refuse, error: refuse } });
    const odd = [undefined, null, {}, { ...letter('e1'), error: undefined }, { ...letter('e1'), at: 'now' }];
    const warned = new Promise((resolve) => process.once('warning', resolve));
    for (const each of odd)
      expect(() => alerts.deadLettered(each as unknown as DeadLetterAlert)).not.toThrow();
    await warned;
    await alerts.close();
    expect(() => alerts.deadLettered(letter('e2'))).not.toThrow();
  });

  describe('when it is closed', () => {
    it('sends what was gathered', async () => {
      open({ every: 60_000 });
      alerts.deadLettered(letter('e1'));
      await alerts.close();
      expect(slack.bodies).toHaveLength(1);
      await alerts.close();
      expect(log).toEqual([]);
    });

    it('sends what was gathered while a message was under way', async () => {
      open({ timeout: 200 });
      slack.answers = [hang];
      alerts.deadLettered(letter('e1'));
      await until(() => slack.bodies.length === 1);
      alerts.deadLettered(letter('e2'));
      await alerts.close();
      expect(slack.bodies.map(({ text }) => text.match(/e\d/)?.[0])).toEqual(['e1', 'e1', 'e2']);
    });

    it.each([
      ['the webhook hangs', {}, hang],
      ['fetch does not heed its signal', { fetch: () => new Promise<never>(() => {}) }, hang],
      ['the webhook asks to wait', {}, status(429, { 'retry-after': '60' })],
    ])('ends within its time where %s, and says what was not sent', async (_, options, trouble) => {
      open({ ...options, closeTimeout: 200 });
      slack.answers = Array.from({ length: 100 }, () => trouble);
      alerts.deadLettered(letter('e1'));
      const begun = performance.now();
      await alerts.close();
      expect(performance.now() - begun).toBeLessThan(5_000);
      expect(log).toMatchObject([{ level: 'error', facts: { count: 1 } }]);
    });

    it('takes no more, and says so', async () => {
      await open().close();
      alerts.deadLettered(letter('e1'));
      expect(log).toMatchObject([{ level: 'error', facts: { count: 1 } }]);
      expect(slack.bodies).toEqual([]);
    });
  });

  it('refuses options that make no sense, without naming the URL', () => {
    open();
    for (const url of [
      `${secret}`,
      `ftp://host/${secret}`,
      `https://user:${secret}@host/`,
      `https://[${secret}`,
    ]) {
      let thrown: unknown;
      try {
        slackAlerts({ url });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'INVALID_ALERTS', option: 'url' });
      expect(inspect(thrown, { depth: 10 })).not.toContain(secret);
    }
    for (const option of ['every', 'most', 'timeout', 'giveUpAfter', 'retryDelay', 'closeTimeout']) {
      expect(() => slackAlerts({ url: slack.url, [option]: 0 })).toThrow(expect.objectContaining({ option }));
    }
  });
});

import { defineCommand, defineEvent } from '@pipit/types-registry';
import fc from 'fast-check';
import { type Logger, type LoggerOptions, pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { personalFields } from './personal-fields.ts';
import { protectLogger } from './protect-logger.ts';

const personal = new Set(['email', 'name', 'address']);

function logged(log: (logger: Logger) => void, options: LoggerOptions = {}): string {
  const lines: string[] = [];
  const parent = pino({ name: 'blog', ...options }, { write: (line: string) => lines.push(line) });
  const { logger, hide } = protectLogger(parent);
  hide(personal);
  log(logger);
  return lines.join('');
}

describe('the log', () => {
  it('redacts fields with the name of a secret, however deep', () => {
    const line = logged((logger) =>
      logger.info({ password: 'hunter1', nats: { token: 'hunter2', tls: [{ 'Api-Key': 'hunter3' }] } }, 'x'),
    );
    expect(line).not.toMatch(/hunter/);
    expect(JSON.parse(line)).toMatchObject({ name: 'blog', nats: { token: '[Redacted]' }, msg: 'x' });
  });

  it('knows a secret by the end of its name', () => {
    const secrets = {
      dbPass: 'hunter1',
      DB_PASS: 'hunter2',
      passwordHash: 'hunter3',
      secretAccessKey: 'hunter4',
    };
    for (const [name, value] of Object.entries(secrets))
      expect(logged((logger) => logger.info({ [name]: value }, 'x'))).not.toContain('hunter');
    const plain = { bypass: true, compass: 'north', publicKey: 'k', maxTokens: 5 };
    expect(JSON.parse(logged((logger) => logger.info(plain, 'x')))).toMatchObject(plain);
  });

  it('redacts logins in URLs wherever they stand, and leaves other text alone', () => {
    const line = logged((logger) => {
      const err = new Error('cannot reach nats://ada:hunter2@host:4222,nats://h:hun@ter@b', {
        cause: new Error('tls://hunter3@host and postgres://u:hun/ter@h'),
      });
      logger
        .child({ url: 'https://ada:hunter1@host/x' })
        .error({ err, mail: 'ada@example.org', link: 'http://h:80/@ada' }, 'nats://t@h, a@b');
    });
    expect(line).not.toMatch(/hunter|hun@|ter@|hun\/|nats:\/\/t@/);
    expect(JSON.parse(line)).toMatchObject({
      url: 'https://[Redacted]@host/x',
      mail: 'ada@example.org',
      link: 'http://h:80/@ada',
      msg: 'nats://[Redacted]@h, a@b',
    });
  });

  it('prints what is no secret as it is', () => {
    const facts = { group: 'mail', position: 7, title: 'a "quoted"\ntext', list: [1, null, { id: 'p1' }] };
    const line = logged((logger) =>
      logger.child({ part: 'http' }).info(facts, 'Group mail: handled %s', 'it'),
    );
    expect(JSON.parse(line)).toMatchObject({
      ...facts,
      name: 'blog',
      part: 'http',
      msg: 'Group mail: handled it',
    });
  });

  it('redacts what schemas call personal in payloads, and keeps names of its own', () => {
    const event = { id: 'e1', type: 'user-registered', data: { name: 'Ada Lovelace', role: 'author' } };
    const line = logged((logger) => logger.info({ service: { name: 'search' }, event }, 'x'));
    expect(JSON.parse(line)).toMatchObject({
      name: 'blog',
      service: { name: 'search' },
      event: { id: 'e1', data: { name: '[Redacted]', role: 'author' } },
    });
  });

  it('keeps what is personal out of what an error says of the event it holds', () => {
    const event = { data: { email: 'ada@example.org', name: 'Ada Lovelace' } };
    const cause = Object.assign(new Error(`no mail to ada@example.org`), { event });
    const err = new Error(`Ada Lovelace: ${cause.message}`, { cause });
    const line = logged((logger) => logger.error({ err }, `failed: ${err.message}`));
    expect(line).not.toMatch(/ada@|Lovelace/);
    expect(JSON.parse(line)).toMatchObject({ msg: 'failed: [Redacted]: no mail to [Redacted]' });
  });

  it('has room for what goes round in circles, throws when it is read, or is endless', () => {
    const circle: Record<string, unknown> = { list: Array.from({ length: 1_000 }, () => 'x') };
    circle['self'] = circle;
    const throwing = {
      get value(): string {
        throw new Error('no');
      },
    };
    const line = logged((logger) =>
      logger.info({ circle, throwing, big: 1n, bytes: Buffer.from('abc') }, 'x'),
    );
    expect(logged((logger) => logger.info(throwing, 'read it'))).toContain('read it');
    expect(line.length).toBeLessThan(2_000);
    expect(JSON.parse(line)).toMatchObject({
      circle: { self: '[Circular]' },
      throwing: '[cannot be read: Error]',
      bytes: '[3 bytes]',
    });
  });

  it('is protected as well where the logger, its children and their serializers are of somebody’s own', () => {
    const shownRequest = (req: { readonly method: string }) => ({
      method: req.method,
      authorization: 'hunter1',
    });
    const line = logged(
      (logger) => {
        const child = logger.child(
          { body: { email: 'hunter2' } },
          { serializers: { user: (user: { readonly id: string }) => ({ id: user.id, email: 'hunter3' }) } },
        );
        child.setBindings({ token: 'hunter4' });
        child.child({}).info({ req: { method: 'GET' }, user: { id: 'u1' } }, 'x');
      },
      {
        serializers: { req: shownRequest },
        formatters: { log: (facts) => ({ ...facts, secret: 'hunter5' }) },
        hooks: { streamWrite: (line) => line.replace('"x"', '"y"') },
      },
    );
    expect(line).not.toMatch(/hunter/);
    expect(JSON.parse(line)).toMatchObject({ req: { method: 'GET' }, user: { id: 'u1' }, msg: 'y' });
  });

  it('holds none of the values, in whatever shape they are logged', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!#$%^*+;.-]{4,20}$/).map((text) => `HuNt${text}`);
    const shapes: readonly ((value: string) => unknown)[] = [
      (value) => ({ password: value }),
      (value) => ({ headers: { 'Set-Cookie': [value] } }),
      (value) => ({ deep: [{ deeper: new Map([['access_token', value]]) }] }),
      (value) => ({ event: { data: { user: { email: value } } } }),
      (value) => ({ email: value }),
      (value) => ({ command: { data: { address: { street: [value] } } } }),
      (value) => ({ err: Object.assign(new Error(`no ${value}`), { row: { name: value } }) }),
      (value) => ({ err: new AggregateError([Object.assign(new Error(value), { input: { name: value } })]) }),
      (value) => ({ err: new Error('x', { cause: new Error(`tls://u:${encodeURIComponent(value)}@h`) }) }),
      (value) => ({ issues: [{ path: ['email'], message: `not ${value}`, input: value }] }),
      (value) => ({ text: JSON.stringify({ data: { email: value, other: 1 } }) }),
      (value) => ({ text: JSON.stringify(JSON.stringify({ name: value })) }),
      (value) => ({ text: `{ name: '${value}' }` }),
      (value) => ({ text: `postgres://ada:${value}@host/db` }),
      (value) => ({ text: encodeURIComponent(`nats://ada:${value}@host`) }),
      (value) => ({ text: `Authorization: Bearer ${value}` }),
      (value) => ({ text: `host=h password=${value.replaceAll(';', '')}` }),
    ];
    const shape = fc.constantFrom(...shapes);
    const way = fc.constantFrom<(logger: Logger, facts: unknown) => void>(
      (logger, facts) => logger.info(facts, 'x'),
      (logger, facts) => logger.child(facts as object).info({}, 'x'),
      (logger, facts) => logger.child({ part: 'p' }).info({ data: facts }, 'x'),
    );
    fc.assert(
      fc.property(secret, shape, way, (value, make, log) => {
        const line = logged((logger) => log(logger, make(value)));
        JSON.parse(line);
        expect(line).not.toMatch(/HuNt/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('holds no keys and tokens of known forms', () => {
    const line = logged((logger) => {
      logger.info(`SU${'A'.repeat(56)} eyJhbGciOiJub25l.eyJzdWIiOiJhZGEi.c2ln Basic YWRhOmh1bnRlcg==`);
      logger.info('-----BEGIN PRIVATE KEY-----\nMIIhunter\n-----END PRIVATE KEY-----');
    });
    expect(line).not.toMatch(/AAAA|eyJ|YWRh|hunter/);
  });

  it('is quiet below its level', () => {
    expect(logged((logger) => logger.debug('x'))).toBe('');
  });
});

describe('the fields that are personal', () => {
  it('are found in every version, in whatever is around them', () => {
    const email = z.string().meta({ personal: true, id: 'email-of-these-tests' });
    const event = defineEvent('a', z.object({ first: email.optional(), title: z.string() })).version(
      2,
      z.object({
        second: z.array(z.union([email, z.null()])),
        third: z.object({ fourth: z.record(z.string(), email) }),
        fifth: z.object({ x: z.string() }).meta({ personal: true }),
        sixth: z.string().default('x').meta({ personal: true }).transform(Number),
      }),
      (before) => ({ second: [], third: { fourth: {} }, fifth: { x: '' }, sixth: String(before.title) }),
    );
    const whole = defineCommand('b', z.string().meta({ personal: true }));
    expect([...personalFields([event, whole])].sort()).toEqual([
      ...['data', 'fifth', 'first', 'fourth', 'second', 'sixth'],
    ]);
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { nkeys } from '@nats-io/nats-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Login } from '../nats/login.ts';
import type { ConfigOptions } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readConfig } from './read-config.ts';
import { Secret } from './secret.ts';

const folder = mkdtempSync(join(tmpdir(), 'pipit-config-'));
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const certificate = file('cert.pem', '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n');
const key = file('key.pem', '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n');
const credentials = file(
  'app.creds',
  '-----BEGIN NATS USER JWT-----\nx\n------END NATS USER JWT------\n-----BEGIN USER NKEY SEED-----\nx\n',
);

/** A login as it is used. */
function revealed(login: Login | undefined) {
  const entries = Object.entries(login ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value instanceof Secret ? value.reveal() : value]),
  );
}

function problemsOf(options: ConfigOptions, env: NodeJS.ProcessEnv = {}): ConfigError {
  try {
    readConfig(options, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('the configuration', () => {
  it('runs a local server with its data in .pipit when nothing is set', () => {
    expect(readConfig({}, { NATS_URL: '', LOG_LEVEL: '' })).toEqual({
      nats: { servers: undefined, login: undefined, tls: undefined },
      stream: {},
      http: { port: 3_000, host: 'localhost', bodyLimit: 1_048_576, requestTimeout: 30_000 },
      databaseUrl: undefined,
      dataDir: '.pipit',
      syncInterval: 120_000,
      logLevel: 'info',
      startTimeout: 30_000,
      stopTimeout: 10_000,
      variables: {},
    });
  });

  it('is read from the environment', () => {
    const config = readConfig(
      {},
      {
        NATS_URL: 'tls://a.example, b.example:4333',
        NATS_USER: 'ada',
        NATS_PASSWORD: 'pw',
        NATS_TLS_CA: certificate,
        NATS_TLS_CERT: certificate,
        NATS_TLS_KEY: key,
        PIPIT_STREAM_REPLICAS: '3',
        PIPIT_STREAM_MAX_AGE: '90d',
        PIPIT_STREAM_MAX_BYTES: '1000000',
        PORT: '0',
        PIPIT_HTTP_HOST: '0.0.0.0',
        PIPIT_HTTP_BODY_LIMIT: '1000',
        PIPIT_HTTP_TIMEOUT: '2s',
        DATABASE_URL: 'postgres://ada:pass%40word@db:5432/blog',
        PIPIT_DATA_DIR: '/data',
        PIPIT_SYNC_INTERVAL: 'always',
        LOG_LEVEL: 'debug',
        PIPIT_START_TIMEOUT: '1m',
        PIPIT_STOP_TIMEOUT: '1.5s',
      },
    );
    expect(config).toEqual({
      nats: {
        servers: ['tls://a.example:4222', 'nats://b.example:4333'],
        login: { kind: 'password', user: 'ada', password: expect.any(Secret) },
        tls: { ca: certificate, cert: certificate, key },
      },
      stream: { num_replicas: 3, max_age: 90 * 86_400e9, max_bytes: 1_000_000 },
      http: { port: 0, host: '0.0.0.0', bodyLimit: 1_000, requestTimeout: 2_000 },
      databaseUrl: expect.any(Secret),
      dataDir: '/data',
      syncInterval: 'always',
      logLevel: 'debug',
      startTimeout: 60_000,
      stopTimeout: 1_500,
      variables: {},
    });
    expect(revealed(config.nats.login)).toEqual({ kind: 'password', user: 'ada', password: 'pw' });
    expect(config.databaseUrl?.reveal()).toBe('postgres://ada:pass%40word@db:5432/blog');
  });

  it('prefers options to the environment, a login as a whole', () => {
    const config = readConfig(
      {
        nats: { url: 'tls://mine:4222', token: 'mine' },
        stream: { num_replicas: 1, max_msgs: 5 },
        logLevel: 'error',
      },
      {
        NATS_URL: 'nats://theirs:4222',
        NATS_USER: 'ada',
        NATS_PASSWORD: 'pw',
        LOG_LEVEL: 'loud',
        PIPIT_DATA_DIR: 'd',
        PIPIT_STREAM_REPLICAS: '3',
        PIPIT_STREAM_MAX_BYTES: '9',
      },
    );
    expect(config).toMatchObject({
      nats: { servers: ['tls://mine:4222'] },
      stream: { num_replicas: 1, max_msgs: 5, max_bytes: 9 },
      logLevel: 'error',
      dataDir: 'd',
    });
    expect(revealed(config.nats.login)).toEqual({ kind: 'token', token: 'mine' });
  });

  it('takes a login out of the URL, so that it is in no log', () => {
    const login = (url: string) => revealed(readConfig({ nats: { url } }, {}).nats.login);
    expect(login('tls://ada:p%40ss@host')).toEqual({ kind: 'password', user: 'ada', password: 'p@ss' });
    expect(login('secret@localhost')).toEqual({ kind: 'token', token: 'secret' });
    const servers = (url: string) => readConfig({ nats: { url } }, {}).nats.servers;
    expect(servers('tls://ada:p%40ss@host')).toEqual(['tls://host:4222']);
    expect(servers('nats://[::1]:4222')).toEqual(['nats://[::1]:4222']);
  });

  it('takes a credentials file', () => {
    expect(readConfig({ nats: { url: 'tls://a', credentials } }, {}).nats.login).toEqual({
      kind: 'credentials',
      file: credentials,
    });
  });

  it('takes an nkey, or the path of a file with one, and repeats no part of a broken one', () => {
    const seed = new TextDecoder().decode(nkeys.createUser().getSeed());
    const login = (NATS_NKEY: string) =>
      revealed(readConfig({}, { NATS_URL: 'tls://a', NATS_NKEY }).nats.login);
    expect(login(seed)).toEqual({ kind: 'nkey', seed });
    expect(login(file('user.nk', `# of Ada\n${seed}\n`))).toEqual({ kind: 'nkey', seed });
    const account = new TextDecoder().decode(nkeys.createAccount().getSeed());
    for (const broken of [seed.slice(0, -1), `${seed}A`, account, join(folder, 'absent.nk'), certificate]) {
      const { message } = problemsOf({}, { NATS_URL: 'tls://a', NATS_NKEY: broken });
      expect(message).toMatch(/NATS_NKEY (must be the seed|names a file that cannot be read)/);
      expect(message).not.toContain(seed.slice(0, 20));
      expect(message).not.toContain(account.slice(0, 20));
    }
  });

  it('does not repeat what stands where the path of a file should', () => {
    for (const NATS_NKEY of ['"SUAHUNTER2"', 'suahunter2', '/tmp/\0hunter2'])
      expect(problemsOf({}, { NATS_URL: 'tls://a', NATS_NKEY }).message).not.toMatch(/hunter2/i);
    const NATS_TLS_KEY = '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----';
    const { message } = problemsOf({}, { NATS_URL: 'tls://a', NATS_CREDS: NATS_TLS_KEY, NATS_TLS_KEY });
    expect(message).toContain('NATS_CREDS names a file that cannot be read (ENOENT)');
    expect(message).not.toContain('hunter2');
  });

  it('takes no piece of a password for a host', () => {
    for (const NATS_URL of ['tls://hunter2#1@host', 'nats://hunter2?1@host', 'nats://ada:12/hunter2@host']) {
      const { message } = problemsOf({}, { NATS_URL });
      expect(message).toContain('NATS_URL holds a login that is not percent-encoded');
      expect(message).not.toContain('hunter2');
    }
  });

  it('demands TLS to another machine, or an explicit yes', () => {
    const refused = /NATS_URL names nats:\/\/.*, another machine, without TLS.*PIPIT_ALLOW_PLAINTEXT=yes/;
    for (const NATS_URL of ['nats:4222', 'nats://10.0.0.7', 'localhost,b.example', '127.0.0.1.example']) {
      expect(problemsOf({}, { NATS_URL }).message).toMatch(refused);
      expect(problemsOf({}, { NATS_URL, PIPIT_ALLOW_PLAINTEXT: 'no' }).message).toMatch(refused);
      expect(readConfig({}, { NATS_URL, PIPIT_ALLOW_PLAINTEXT: 'yes' }).nats.servers).toBeDefined();
      expect(readConfig({ nats: { url: NATS_URL, allowPlaintext: true } }, {}).nats.servers).toBeDefined();
      expect(readConfig({}, { NATS_URL, NATS_TLS_CA: certificate }).nats.tls).toEqual({ ca: certificate });
    }
    for (const NATS_URL of [
      'localhost',
      'nats://127.0.0.1:4222',
      'nats://[::1]',
      'dev.localhost',
      'tls://far',
    ]) {
      expect(readConfig({}, { NATS_URL }).nats.servers).toHaveLength(1);
    }
  });

  it('names no variable for what is wrong with several together', () => {
    const variables = z
      .object({ FROM: z.coerce.number(), TO: z.coerce.number() })
      .refine(({ FROM, TO }) => FROM < TO, 'has FROM after TO');
    const { problems } = problemsOf({ variables } as ConfigOptions, { FROM: '2', TO: '1' });
    expect(problems).toEqual([{ field: 'environment', message: 'has FROM after TO' }]);
  });

  it('reads variables of the application with all else, typed by their schema', () => {
    const variables = z.object({
      ADMIN_TOKEN: z.string().min(8, 'is too short'),
      WORKERS: z.coerce.number(),
    });
    const env = { ADMIN_TOKEN: 'long enough', WORKERS: '3' };
    expect(readConfig({ variables }, env).variables).toEqual({ ADMIN_TOKEN: 'long enough', WORKERS: 3 });
    const { problems } = problemsOf({ variables } as ConfigOptions, {
      ADMIN_TOKEN: 'short',
      WORKERS: 'x',
      PORT: '-1',
    });
    expect(problems.map(({ field }) => field)).toEqual(['PORT', 'ADMIN_TOKEN', 'WORKERS']);
  });

  it('wants durations with their unit, and numbers that are some', () => {
    const wrong: Record<string, readonly string[]> = {
      PIPIT_START_TIMEOUT: ['30', 'soon', '-1s', '0s', '1h 5s', `${'1'.repeat(200)}s`],
      PIPIT_STREAM_MAX_AGE: ['90', '101y'],
      PORT: ['x', '-1', '65536', '1.5', '0x10', '1e3'],
      PIPIT_STREAM_REPLICAS: ['0', '6', 'three'],
      PIPIT_HTTP_BODY_LIMIT: ['0', '1MB', '9'.repeat(30)],
      PIPIT_ALLOW_PLAINTEXT: ['maybe'],
      PIPIT_SYNC_INTERVAL: ['never', '2'],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values)
        expect(problemsOf({}, { [name]: value }).problems).toMatchObject([{ field: name }]);
    }
    expect(problemsOf({ startTimeout: Number.NaN }).problems).toMatchObject([{ field: 'startTimeout' }]);
    expect(problemsOf({ stopTimeout: '5s' as never, http: { port: 1.5 } }).problems).toMatchObject([
      { field: 'http.port' },
    ]);
  });

  it('takes the URL of a PostgreSQL, and refuses one that is none, without repeating it', () => {
    for (const url of ['postgresql://db/blog?sslmode=verify-full', 'postgres:///blog']) {
      expect(readConfig({}, { DATABASE_URL: url }).databaseUrl?.reveal()).toBe(url);
    }
    for (const url of [
      'mysql://ada:s3cret@db/blog',
      'postgres://ada:s3cret%zz@db/blog',
      'postgres://ada:s3cret@db:port/blog',
      's3cret',
    ]) {
      expect(problemsOf({}, { DATABASE_URL: url }).message).toMatch(/DATABASE_URL must be like (?!.*s3cret)/);
    }
  });

  it('lists everything that is wrong, each under the name it was given by', () => {
    const { problems } = problemsOf(
      { nats: { url: 'http://host', tls: { ca: join(folder, 'absent.pem'), cert: key } }, dataDir: '' },
      { LOG_LEVEL: 'loud', NATS_CREDS: certificate },
    );
    expect(problems.map(({ field }) => field).sort()).toEqual(
      [
        'LOG_LEVEL',
        'NATS_CREDS',
        'dataDir',
        'nats.tls.ca',
        'nats.tls.cert',
        // It lacks its key as well.
        'nats.tls.cert',
        'nats.url',
      ].sort(),
    );
    expect(problems.find(({ field }) => field === 'LOG_LEVEL')?.message).toContain('one of trace, debug');
    expect(problems.find(({ field }) => field === 'nats.tls.ca')?.message).toContain('ENOENT');
  });

  it('refuses what contradicts itself', () => {
    const fieldsOf = (options: ConfigOptions, env?: NodeJS.ProcessEnv) =>
      problemsOf(options, env).problems.map(({ field, message }) => `${field} ${message}`);
    expect(fieldsOf({ nats: { url: 'tls://a', user: 'ada' } })).toEqual(['nats.user needs nats.password']);
    expect(fieldsOf({}, { NATS_URL: 'tls://a', NATS_PASSWORD: 'x' })).toEqual([
      'NATS_PASSWORD needs NATS_USER',
    ]);
    expect(fieldsOf({ nats: { url: 'tls://ada:x@a', token: 't' } })).toEqual([
      'nats.token is a second login beside nats.url: give one only',
    ]);
    expect(fieldsOf({ nats: { url: 'tls://ada:x@a,bob:x@b' } })).toEqual([
      'nats.url holds different logins: give one with all servers',
    ]);
    expect(fieldsOf({ nats: { token: 't' } })[0]).toMatch(/^nats\.token needs nats\.url or NATS_URL/);
    expect(fieldsOf({ nats: { url: 'tls://a', tls: { cert: certificate } } })).toEqual([
      'nats.tls.cert needs nats.tls.key',
    ]);
  });

  it('never prints a secret', () => {
    const { message, problems } = problemsOf(
      {
        nats: { url: 'nats://ada:hunter2@:bad', password: 'hunter3', token: 'hunter4' },
        dataDir: 7 as never,
      },
      {},
    );
    expect(JSON.stringify({ message, problems })).not.toMatch(/hunter/);
    const { message: other } = problemsOf({ nats: { url: 'nats://a%ZZ:hunter2@host' } });
    expect(other).toMatch(/percent-encoded/);
    expect(other).not.toMatch(/hunter/);
    const config = readConfig(
      { nats: { url: 'tls://ada:hunter2@host' }, databaseUrl: 'postgres://ada:hunter3@db/x' },
      {},
    );
    for (const printed of [
      JSON.stringify(config),
      inspect(config, { depth: 9, showHidden: true }),
      `${config.databaseUrl}`,
    ]) {
      expect(printed).not.toMatch(/hunter/);
      expect(printed).toContain('[secret]');
    }
  });
});

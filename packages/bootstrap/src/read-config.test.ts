import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfigOptions } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readConfig } from './read-config.ts';

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
      login: undefined,
      config: {
        nats: { servers: undefined, login: 'none', tls: undefined },
        dataDir: '.pipit',
        logLevel: 'info',
      },
    });
  });

  it('is read from the environment', () => {
    const { config, login } = readConfig(
      {},
      {
        NATS_URL: 'tls://a.example, b.example:4333',
        NATS_USER: 'ada',
        NATS_PASSWORD: 'pw',
        NATS_CA: certificate,
        NATS_CERT: certificate,
        NATS_KEY: key,
        DATA_DIR: '/data',
        LOG_LEVEL: 'debug',
      },
    );
    expect(config).toEqual({
      nats: {
        servers: ['tls://a.example:4222', 'nats://b.example:4333'],
        login: 'password',
        tls: { ca: certificate, cert: certificate, key },
      },
      dataDir: '/data',
      logLevel: 'debug',
    });
    expect(login).toEqual({ kind: 'password', user: 'ada', password: 'pw' });
  });

  it('prefers options to the environment, a login as a whole', () => {
    const { config, login } = readConfig(
      { nats: { url: 'nats://mine:4222', token: 'mine' }, logLevel: 'error' },
      {
        NATS_URL: 'nats://theirs:4222',
        NATS_USER: 'ada',
        NATS_PASSWORD: 'pw',
        LOG_LEVEL: 'loud',
        DATA_DIR: 'd',
      },
    );
    expect(config).toMatchObject({
      nats: { servers: ['nats://mine:4222'] },
      logLevel: 'error',
      dataDir: 'd',
    });
    expect(login).toEqual({ kind: 'token', token: 'mine' });
  });

  it('takes a login out of the URL, so that it is in no log', () => {
    const { config, login } = readConfig({ nats: { url: 'nats://ada:p%40ss@host' } }, {});
    expect(config.nats).toEqual({ servers: ['nats://host:4222'], login: 'password', tls: undefined });
    expect(login).toEqual({ kind: 'password', user: 'ada', password: 'p@ss' });
    expect(readConfig({ nats: { url: 'secret@host' } }, {}).login).toEqual({
      kind: 'token',
      token: 'secret',
    });
    expect(readConfig({ nats: { url: 'nats://[::1]:4222' } }, {}).config.nats.servers).toEqual([
      'nats://[::1]:4222',
    ]);
  });

  it('takes a credentials file', () => {
    expect(readConfig({ nats: { url: 'nats://a', credentials } }, {}).login).toEqual({
      kind: 'credentials',
      file: credentials,
    });
  });

  it('lists everything that is wrong, each under the name it was given by', () => {
    const { problems } = problemsOf(
      { nats: { url: 'http://host', tls: { ca: join(folder, 'absent.pem'), cert: key } }, dataDir: '' },
      { LOG_LEVEL: 'loud', NATS_CREDS: certificate },
    );
    expect(problems.map(({ field }) => field).sort()).toEqual(
      ['LOG_LEVEL', 'NATS_CREDS', 'dataDir', 'nats.tls.ca', 'nats.tls.cert', 'nats.url'].sort(),
    );
    expect(problems.find(({ field }) => field === 'LOG_LEVEL')?.message).toContain('one of trace, debug');
    expect(problems.find(({ field }) => field === 'nats.tls.ca')?.message).toContain('ENOENT');
  });

  it('refuses what contradicts itself', () => {
    const fieldsOf = (options: ConfigOptions, env?: NodeJS.ProcessEnv) =>
      problemsOf(options, env).problems.map(({ field, message }) => `${field} ${message}`);
    expect(fieldsOf({ nats: { url: 'a', user: 'ada' } })).toEqual(['nats.user needs nats.password']);
    expect(fieldsOf({}, { NATS_URL: 'a', NATS_PASSWORD: 'x' })).toEqual(['NATS_PASSWORD needs NATS_USER']);
    expect(fieldsOf({ nats: { url: 'ada:x@a', token: 't' } })).toEqual([
      'nats.token is a second login beside nats.url: give one only',
    ]);
    expect(fieldsOf({ nats: { url: 'ada:x@a,bob:x@b' } })).toEqual([
      'nats.url holds different logins: give one with all servers',
    ]);
    expect(fieldsOf({ nats: { token: 't' } })[0]).toMatch(/^nats\.token needs nats\.url or NATS_URL/);
    expect(fieldsOf({ nats: { url: 'a', tls: { cert: certificate } } })).toEqual([
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
    const { config } = readConfig({ nats: { url: 'nats://ada:hunter2@host' } }, {});
    expect(JSON.stringify(config)).not.toMatch(/hunter/);
  });
});

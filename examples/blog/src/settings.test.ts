import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

it('keeps data beside the example, wherever it is started from, unless DATA_DIR says otherwise', () => {
  expect(readSettings({}, '/blog')).toEqual({ port: 3000, dataDir: '/blog/.pipit', logLevel: 'warn' });
  expect(readSettings({ PORT: '0', DATA_DIR: '/data', LOG_LEVEL: 'info' }, '/blog')).toEqual({
    port: 0,
    dataDir: '/data',
  });
});

it('takes the token of the administrator, and refuses one that cannot be sent as it is, without repeating it', () => {
  const folder = '/blog';
  expect(readSettings({ ADMIN_TOKEN: 's3cret-~.+/==' }, folder).adminToken).toBe('s3cret-~.+/==');
  expect(readSettings({ ADMIN_TOKEN: '' }, folder)).not.toHaveProperty('adminToken');
  for (const ADMIN_TOKEN of ['two words', 'näh-ja', '=', '"quoted"', 'line\n']) {
    expect(() => readSettings({ ADMIN_TOKEN }, folder)).toThrow(/^ADMIN_TOKEN must be letters[^"ä]*$/);
  }
});

it('refuses a port that is none', () => {
  for (const PORT of ['x', '-1', '65536', '1.5', '0x10']) {
    expect(() => readSettings({ PORT }, '/blog')).toThrow(/PORT must be a number/);
  }
});

it('takes how long a moderation may take, and refuses what is no duration of at most 30 days', () => {
  const deadline = (text: string) => readSettings({ MODERATION_DEADLINE: text }, '/blog').moderationDeadline;
  for (const [text, milliseconds] of [
    ['5s', 5_000],
    ['1h', 3_600_000],
    ['1.5 minutes', 90_000],
    ['250ms', 250],
    ['30d', 2_592_000_000],
  ] as const) {
    expect(deadline(text)).toBe(milliseconds);
  }
  expect(readSettings({ MODERATION_DEADLINE: '' }, '/blog')).not.toHaveProperty('moderationDeadline');
  for (const text of [
    'soon',
    '5',
    '0s',
    '-1h',
    '31d',
    '1y',
    '1 hour 5s',
    's',
    '0.5ms',
    `${'1'.repeat(200)}s`,
  ]) {
    expect(() => deadline(text)).toThrow(/^MODERATION_DEADLINE must be a duration such as 5s or 1h/);
  }
});

it('takes the URL of a PostgreSQL for views, and refuses one that is none, without repeating it', () => {
  for (const DATABASE_URL of [
    'postgres://ada:pass%40word@db:5432/blog',
    'postgresql://db/blog?sslmode=verify-full',
    'postgres:///blog',
  ]) {
    expect(readSettings({ DATABASE_URL }, '/blog').databaseUrl).toBe(DATABASE_URL);
  }
  expect(readSettings({ DATABASE_URL: '' }, '/blog')).not.toHaveProperty('databaseUrl');
  for (const DATABASE_URL of [
    'mysql://ada:s3cret@db/blog',
    'postgres://ada:s3cret%zz@db/blog',
    'postgres://ada:s3cret@db:port/blog',
    's3cret',
  ]) {
    expect(() => readSettings({ DATABASE_URL }, '/blog')).toThrow(/^DATABASE_URL must be like (?!.*s3cret)/);
  }
});

import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

it('keeps data beside the example, wherever it is started from, and logs little, unless told otherwise', () => {
  expect(readSettings({ LOG_LEVEL: '', PORT: '' }, '/blog')).toMatchObject({
    http: { port: 3000 },
    dataDir: '/blog/.pipit',
    logLevel: 'warn',
    variables: { MODERATION_DEADLINE: 3_600_000 },
  });
  expect(readSettings({ PORT: '0', PIPIT_DATA_DIR: '/data', LOG_LEVEL: 'info' }, '/blog')).toMatchObject({
    http: { port: 0 },
    dataDir: '/data',
    logLevel: 'info',
  });
});

it('takes the token of the administrator, and refuses one that cannot be sent as it is, without repeating it', () => {
  const token = (ADMIN_TOKEN: string) => readSettings({ ADMIN_TOKEN }, '/blog').variables.ADMIN_TOKEN;
  expect(token('s3cret-~.+/==')?.reveal()).toBe('s3cret-~.+/==');
  expect(token('')).toBeUndefined();
  for (const wrong of ['two words', 'näh-ja', '=', '"quoted"', 'line\n']) {
    expect(() => token(wrong)).toThrow(/ADMIN_TOKEN must be letters[^"ä]*$/);
  }
});

it('takes how long a moderation may take, and refuses what is no duration of at most 30 days', () => {
  const deadline = (text: string) =>
    readSettings({ MODERATION_DEADLINE: text }, '/blog').variables.MODERATION_DEADLINE;
  expect(deadline('1.5 minutes')).toBe(90_000);
  expect(deadline('30d')).toBe(2_592_000_000);
  for (const wrong of ['soon', '5', '0s', '31d']) {
    expect(() => deadline(wrong)).toThrow(/MODERATION_DEADLINE must be/);
  }
});

it('takes a webhook for alerts, and refuses what is none, without repeating it', () => {
  const webhook = (SLACK_WEBHOOK_URL: string) =>
    readSettings({ SLACK_WEBHOOK_URL }, '/blog').variables.SLACK_WEBHOOK_URL;
  expect(webhook('https://hooks.example/T0/B0/s3cret')?.reveal()).toBe('https://hooks.example/T0/B0/s3cret');
  expect(webhook('')).toBeUndefined();
  for (const wrong of ['s3cret', 'ftp://hooks.example/s3cret'])
    expect(() => webhook(wrong)).toThrow(/^(?!.*s3cret).*SLACK_WEBHOOK_URL must be an http or https URL/s);
});

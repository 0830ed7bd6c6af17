import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

it('keeps data beside the example, wherever it is started from, unless DATA_DIR says otherwise', () => {
  expect(readSettings({}, '/blog')).toEqual({ port: 3000, dataDir: '/blog/.pipit', logLevel: 'warn' });
  expect(readSettings({ PORT: '0', DATA_DIR: '/data', LOG_LEVEL: 'info' }, '/blog')).toEqual({ port: 0 });
});

it('refuses a port that is none', () => {
  for (const PORT of ['x', '-1', '65536', '1.5', '0x10']) {
    expect(() => readSettings({ PORT }, '/blog')).toThrow(/PORT must be a number/);
  }
});

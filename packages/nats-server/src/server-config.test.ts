import { expect, test } from 'vitest';
import { checkConfig, renderConfig } from './server-config.ts';

const own = { port: 4222, monitorPort: 8222, storeDir: '/data', jetStream: true };

test('what the options do not set is passed on', () => {
  const config = { max_payload: 2048, jetstream: { sync_interval: 'always' }, authorization: { user: 'a' } };
  checkConfig(config, true);
  expect(renderConfig(own, config).split('\n')).toEqual([
    '"host": "127.0.0.1"',
    '"port": 4222',
    '"http": "127.0.0.1:8222"',
    '"max_payload": 2048',
    '"authorization": {"user":"a"}',
    '"jetstream": {"sync_interval":"always","store_dir":"/data"}',
    '',
  ]);
});

test('an included file comes first, so that it cannot move the server elsewhere', () => {
  expect(
    renderConfig({ ...own, include: '../roles.conf' }, {})
      .split('\n')
      .slice(0, 2),
  ).toEqual(['include "../roles.conf"', '"host": "127.0.0.1"']);
});

test.each([
  ['config.port', { port: 4222 }],
  ['config.Listen', { Listen: '0.0.0.0:4222' }],
  ['config.cluster', { cluster: { name: 'c' } }],
  ['config.jetstream', { jetstream: false }],
  ['config.jetstream.store_dir', { jetstream: { store_dir: '/elsewhere' } }],
])('%s is refused, because an option sets it', (option, config) => {
  expect(() => checkConfig(config, true)).toThrow(
    expect.objectContaining({ code: 'INVALID_SERVER_OPTION', option }),
  );
});

test('settings of JetStream are refused where it is turned off', () => {
  expect(() => checkConfig({ jetstream: { max_file_store: 1 } }, false)).toThrow(/jetStream: false/);
});

test('without JetStream there is no such section', () => {
  expect(renderConfig({ ...own, jetStream: false }, {})).not.toContain('jetstream');
});

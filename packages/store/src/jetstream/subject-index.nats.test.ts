import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNatsServer } from '@pipit/nats-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type JetStreamApi, openApi } from './api.ts';
import { watchLink } from './link.ts';
import { openRequests } from './requests.ts';
import { subjectsOf } from './subject-index.ts';

let server: NatsServer;
let connection: NatsConnection;
let api: JetStreamApi;
let streams = 0;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
  api = await openApi(connection, {});
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

/** A stream with a message on each subject, and its subjects in pages of three. */
async function streamOf(letters: string) {
  streams += 1;
  const stream = `index-${streams}`;
  await api.manager.streams.add({ name: stream, subjects: [`${stream}.*`] });
  const link = watchLink(connection);
  const requests = openRequests(api, link);
  const add = async (more: string) => {
    for (const letter of more) await api.client.publish(`${stream}.${letter}`);
  };
  await add(letters);
  const pages = subjectsOf({ api, link, requests, stream }, `${stream}.*`, { pageSize: 3 });
  return {
    add,
    async remove(gone: string) {
      for (const letter of gone) await api.manager.streams.purge(stream, { filter: `${stream}.${letter}` });
    },
    /** The subjects, page by page; between two pages something happens. */
    async read(between: (page: number) => Promise<void>) {
      const found: string[] = [];
      for await (const page of pages) {
        found.push([...page.keys()].map((subject) => subject.split('.')[1]).join(''));
        await between(found.length);
      }
      return found.join(' ');
    },
  };
}

it('tells every subject once, page by page', async () => {
  expect(await (await streamOf('')).read(async () => {})).toBe('');
  expect(await (await streamOf('abc')).read(async () => {})).toBe('abc');
  expect((await (await streamOf('hgfedcba')).read(async () => {})).replaceAll(' ', '')).toBe('abcdefgh');
});

it('tells no subject twice when others appear before it', async () => {
  const index = await streamOf('mnopqrst');
  const all = await index.read((page) => index.add(page === 1 ? 'abcdefg' : ''));
  expect(all.replaceAll(' ', '')).toBe('mnopqrst');
});

it('leaves out no subject that stays when others vanish before it', async () => {
  const index = await streamOf('abcdefghijklmnop');
  const all = await index.read((page) => index.remove(['abc', 'def', 'ghi'][page - 1] ?? ''));
  expect(all.replaceAll(' ', '')).toMatch(/^abcd?e?f?g?h?i?jklmnop$/);
  const shrinking = await streamOf('abcdefg');
  expect(await shrinking.read((page) => shrinking.remove(page === 1 ? 'abcdef' : ''))).toBe('abc g');
});

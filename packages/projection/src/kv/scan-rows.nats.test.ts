import { jetstream, type StreamInfo } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Repository } from '../repository.ts';
import type { ContractRow } from '../testing/contract-row.ts';
import type { KvApi } from './kv-api.ts';
import { type KvPlace, openPlace } from './kv-view.fixture.ts';
import { scanRows } from './scan-rows.ts';

let place: KvPlace;
let rows: Repository<ContractRow>;
let stream: string;
let old: StreamInfo;

beforeEach(async () => {
  place = await openPlace();
  rows = await place.open();
  await rows.save('first', { text: '1' });
  await rows.delete('first');
  stream = await place.streamOf(1);
  old = await place.manager.streams.info(stream);
  await rows.save('a', { text: '1' });
});

afterEach(() => place.close());

/** As if each question about the stream were answered by a replica that has stood still since then. */
async function scanBehind(info: StreamInfo, onAsked = async () => {}) {
  const connection = await place.connection();
  const { manager } = place;
  const answer = async () => {
    await onAsked();
    return info;
  };
  const streams = Object.assign(Object.create(manager.streams), { info: answer });
  const behind: KvApi = {
    connection,
    manager: Object.assign(Object.create(manager), { streams }),
    client: jetstream(connection),
    prefix: '$JS.API',
  };
  return await scanRows(behind, stream.slice('KV_'.length));
}

it('a scan finds what has been written, whichever replica says what there is', async () => {
  const empty: StreamInfo = { ...old, state: { ...old.state, messages: 0, bytes: 0, last_seq: 0 } };
  for (const before of [old, empty]) expect(await scanBehind(before)).toEqual([['a', { text: '1' }]]);
});

it('a scan that meets writes does not take the keys of a replica that is behind for all of them', async () => {
  const meeting = scanBehind(old, () => rows.save('a', { text: '2' }));
  await expect(meeting).rejects.toThrow('a replica that is behind');
});

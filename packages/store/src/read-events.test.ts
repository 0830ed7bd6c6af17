import { defineEvent } from '@pipit/types-registry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAggregate } from './aggregate.ts';
import { reserve } from './append/unique-key.ts';
import { memoryStore } from './memory.ts';

const KeyReserved = defineEvent('key-reserved', z.object({ room: z.int() }));
const Room = defineAggregate('room', {
  events: [KeyReserved],
  initial: { rooms: [] as number[] },
  evolve: { 'key-reserved': ({ rooms }, { data }) => ({ rooms: [...rooms, data.room] }) },
});

async function hotel() {
  const store = memoryStore({ name: 'hotel', aggregates: [Room] });
  await store.append(Room, 'r', [KeyReserved.create({ room: 7 }), reserve('room', '7')]);
  return store;
}

describe("a user's event with the name of one that the store writes for unique keys", () => {
  it('is told from those, wherever events are chosen by their type', async () => {
    const store = await hotel();
    const rooms = [{ aggregate: { type: 'room', id: 'r' }, data: { room: 7 }, position: 2 }];
    expect(await Array.fromAsync(store.read({ events: [KeyReserved] }))).toMatchObject(rooms);
    expect(await Array.fromAsync(store.read())).toMatchObject(rooms);
    for await (const { events, position } of store.follow({ events: [KeyReserved] })) {
      expect(events).toMatchObject(rooms);
      expect(position).toBe(2);
      break;
    }
  });

  it('is loaded', async () => {
    expect(await (await hotel()).load(Room, 'r')).toMatchObject({ state: { rooms: [7] }, revision: 1 });
  });
});

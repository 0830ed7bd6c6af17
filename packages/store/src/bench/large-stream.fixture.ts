import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Scale } from '@pipit/tooling/bench';
import type { EventStore } from '../index.ts';
import { jetStreamStore } from '../jetstream.ts';
import { Account } from './account.fixture.ts';
import { bareEvent } from './bare-event.fixture.ts';
import { barePublisher } from './bare-publisher.fixture.ts';
import { inFlight } from './in-flight.fixture.ts';

/** A store with many aggregates whose events lie scattered evenly over all positions. */
export interface LargeStream {
  readonly store: EventStore<typeof Account>;
  /** How many were written; rows add a few. */
  readonly events: number;
  readonly aggregates: number;
  /** Ids of aggregates that have exactly so many events. */
  ids(events: 10 | 100 | 990 | 1000): readonly string[];
}

const name = 'large';
/** How many aggregates of a special number of events there are; all others share the rest of the events. */
const special = new Map([
  [1000, 4],
  [990, 4],
  [100, 40],
  [10, 600],
]);
const window = 2_000;

export async function writeLargeStream(
  pipit: NatsConnection,
  bare: NatsConnection,
  manager: JetStreamManager,
  { events, progress }: Scale,
): Promise<LargeStream> {
  // What it keeps in memory of earlier loads would be measured instead of the load.
  const store = await jetStreamStore({ connection: pipit, name, aggregates: [Account], warm: false });
  const sizes = aggregateSizes(events);
  const order = scattered(sizes, events);
  const revisions = new Uint32Array(sizes.length);
  const publisher = barePublisher(bare);
  let written = 0;
  await inFlight(window, events, async (index) => {
    const aggregate = order[index] ?? 0;
    revisions[aggregate] = (revisions[aggregate] ?? 0) + 1;
    const { id, headers, body } = bareEvent(name, revisions[aggregate] ?? 0);
    headers.set('Nats-Msg-Id', id);
    await publisher.publish(`${name}.account.${idOf(aggregate)}`, body, headers);
    written += 1;
    if (written % 100_000 === 0) progress(`wrote ${written} of ${events} events`);
  });
  publisher.close();
  const { state } = await manager.streams.info(name);
  if (state.messages !== events) throw new Error(`the stream has ${state.messages} events, not ${events}`);
  return {
    store,
    events,
    aggregates: sizes.length,
    ids: (wanted) =>
      sizes.flatMap((size, aggregate) => (size === wanted && aggregate < specials ? [idOf(aggregate)] : [])),
  };
}

const specials = [...special.values()].reduce((sum, count) => sum + count, 0);

function idOf(aggregate: number): string {
  return `account-${String(aggregate).padStart(6, '0')}`;
}

/** A tenth as many aggregates as events. */
function aggregateSizes(events: number): readonly number[] {
  const sizes = [...special].flatMap(([size, count]) => new Array<number>(count).fill(size));
  const rest = events / 10 - sizes.length;
  const left = events - sizes.reduce((sum, size) => sum + size, 0);
  for (let index = 0; index < rest; index += 1) {
    sizes.push(Math.floor(((index + 1) * left) / rest) - Math.floor((index * left) / rest));
  }
  return sizes;
}

/** The aggregate of every event in turn: those of one lie at even distances, beginning at a place of its own. */
function scattered(sizes: readonly number[], events: number): Uint32Array {
  const span = 2 ** 20;
  const keys = new Float64Array(events);
  let next = 0;
  for (const [aggregate, size] of sizes.entries()) {
    const phase = (aggregate * 0.618_033_988_75) % 1;
    for (let index = 0; index < size; index += 1) {
      keys[next] = Math.floor(((index + phase) / size) * events * 1000) * span + aggregate;
      next += 1;
    }
  }
  return Uint32Array.from(keys.sort(), (key) => key % span);
}

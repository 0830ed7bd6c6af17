import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { EventStore } from '@pipit/store';
import type { Row, Scale } from '@pipit/tooling/bench';
import { runFullProjection } from '../index.ts';
import { memoryRepository } from '../memory.ts';
import { eventsEach, type Meter, type Reading, readingsIn, writeMeters } from './meters.fixture.ts';

/** What the row needs of a setting. */
export interface FullSetting {
  readonly scale: Scale;
  readonly pipit: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
}

/** Aggregates that are scanned one by one; the time of all is reckoned from theirs. */
const sample = 200;
/** How much faster than the events the time may grow: what several runs differ by. */
const tolerance = 1.25;

export const full: Row<FullSetting> = {
  row: 'full projection by index, 10⁴ and 10⁵ aggregates of 10 events',
  goal: 2,
  against: 'a scan per aggregate: an ordered consumer of each; and the time grows no faster than the events',
  async measure({ scale, pipit, js, manager }, rounds) {
    const large = scale.events / eventsEach;
    const small = large / 10;
    const few = await writeMeters(pipit, manager, small, scale.progress);
    const many = await writeMeters(pipit, manager, large, scale.progress);
    // Once each: rounds of these would take half an hour.
    const ofFew = await timed(() => project(few, 'every', small));
    const ofMany = await timed(() => project(many, 'every', large));
    const times = await rounds.compare({
      latest: () => project(many, 'latest', large),
      scans: () => scan(js, many.name),
    });
    const growth = ofMany / ofFew / 10;
    const scans = (times.scans * large) / sample;
    const ratio = scans / ofMany;
    const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(2)} s`;
    return {
      ratio,
      met: ratio >= 2 && growth <= tolerance,
      detail:
        `${small} in ${seconds(ofFew)}, ${large} in ${seconds(ofMany)}, ${growth.toFixed(2)} × the growth of events; ` +
        `scans of ${large} ${seconds(scans)}, by ${sample} of them; only the last events in ${seconds(times.latest)}`,
    };
  },
};

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function project(
  store: EventStore<typeof Meter>,
  mode: 'every' | 'latest',
  aggregates: number,
): Promise<void> {
  const readings = readingsIn(memoryRepository<Reading>());
  const { saved, events } = await runFullProjection(store, readings, { mode });
  const expected = mode === 'every' ? aggregates * eventsEach : aggregates;
  if (saved !== aggregates || events !== expected)
    throw new Error(`saved ${saved} rows of ${events} events, not ${aggregates} of ${expected}`);
}

/** As one would without an index of aggregates' events: each is a consumer's filter. */
async function scan(js: JetStreamClient, stream: string): Promise<void> {
  for (let index = 0; index < sample; index += 1) {
    const filter_subjects = [`${stream}.meter.meter-${index}`];
    const consumer = await js.consumers.get(stream, { filter_subjects });
    let read = 0;
    for await (const message of await consumer.consume({ max_messages: eventsEach })) {
      if (message.json<{ readonly watts: number }>().watts > 0) read += 1;
      if (message.info.pending === 0) break;
    }
    if (read !== eventsEach) throw new Error(`read ${read} events of an aggregate, not ${eventsEach}`);
    await consumer.delete();
  }
}

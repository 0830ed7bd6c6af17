import type { JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Rounds, Row } from '@pipit/tooling/bench';
import { Account } from './account.fixture.ts';
import { directBatch } from './bare-load.fixture.ts';
import type { LargeStream } from './large-stream.fixture.ts';
import type { StoreSetting } from './setting.fixture.ts';

const wildcardGoal = 20;
/** In each round: enough of the short ones to measure more than what a process does only at first. */
const loads = { 10: 600, 100: 20, 1000: 4 } as const;

/** Loads aggregates without anything remembered of them, one after the other. */
export const load: Row<StoreSetting> = {
  row: 'load 10 / 100 / 1000 events scattered over a stream of 10⁶',
  goal: 0.8,
  against: 'bare direct batch with `JSON.parse`, the least of the three sizes',
  times: 2,
  async measure({ bare, js, scale, largeStream }, rounds) {
    const large = await largeStream();
    const found = [];
    for (const size of [10, 100, 1000] as const) {
      const ids = large.ids(size).slice(0, Math.max(4, scale.of(loads[size])));
      found.push({ size, ...(await compare(large, bare, size, ids, rounds)) });
    }
    const wildcard = await compareWithWildcard(large, js, large.ids(10).slice(0, 4), rounds);
    const ratio = Math.min(...found.map((one) => one.bare / one.pipit));
    const details = found.map(
      (one) =>
        `${one.size}: ${one.pipit.toFixed(2)} against ${one.bare.toFixed(2)} ms, ${(one.bare / one.pipit).toFixed(2)} ×`,
    );
    const wildcardRatio = wildcard.bare / wildcard.pipit;
    return {
      ratio,
      met: ratio >= load.goal && wildcardRatio >= wildcardGoal,
      detail:
        `${details.join('; ')}; against a wildcard ordered consumer at 10 events ` +
        `${wildcard.pipit.toFixed(2)} to ${wildcard.bare.toFixed(2)} ms, ${wildcardRatio.toFixed(1)} × (≥ ${wildcardGoal} is demanded as well); ` +
        `${large.events} events`,
    };
  },
};

interface PerLoad {
  /** Milliseconds for one load. */
  readonly pipit: number;
  readonly bare: number;
}

async function compare(
  { store }: LargeStream,
  connection: NatsConnection,
  size: number,
  ids: readonly string[],
  rounds: Rounds,
): Promise<PerLoad> {
  const { pipit, bare } = await rounds.compare({
    async pipit() {
      for (const id of ids) {
        const { revision } = await store.load(Account, id);
        requireAll(size, revision);
      }
    },
    async bare() {
      for (const id of ids) {
        const payloads = await directBatch(connection, store.name, `${store.name}.account.${id}`);
        requireAll(size, payloads.length);
      }
    },
  });
  return { pipit: pipit / ids.length, bare: bare / ids.length };
}

/** As one reads without knowing the aggregate's literal subject: `<store>.*.<id>`. */
async function compareWithWildcard(
  { store }: LargeStream,
  js: JetStreamClient,
  ids: readonly string[],
  rounds: Rounds,
): Promise<PerLoad> {
  const { pipit, bare } = await rounds.compare({
    async pipit() {
      for (const id of ids) await store.load(Account, id);
    },
    async bare() {
      for (const id of ids) {
        const consumer = await js.consumers.get(store.name, { filter_subjects: [`${store.name}.*.${id}`] });
        const payloads: unknown[] = [];
        const messages = await consumer.consume();
        for await (const message of messages) {
          payloads.push(message.json());
          if (message.info.pending === 0) break;
        }
        requireAll(10, payloads.length);
        await consumer.delete();
      }
    },
  });
  return { pipit: pipit / ids.length, bare: bare / ids.length };
}

function requireAll(events: number, loaded: number): void {
  if (loaded !== events) throw new Error(`loaded ${loaded} events, not ${events}`);
}

import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

/**
 * Effects of handlers, as messages on `effects.<key>.<position>` of a stream. The server takes one for each subject,
 * so that an effect and its guard are one step, and what was handled first comes first.
 */
export interface Effects {
  /** Whether it has happened now, and not before. */
  once(key: string, position: number): Promise<boolean>;
  /** Lets it happen, also again. */
  again(key: string, position: number): Promise<void>;
  happened(key: string, position: number): Promise<boolean>;
}

const wrongLastSequence = 10071;

export async function createEffects(connection: NatsConnection, replicas = 1): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'effects', subjects: ['effects.>'], num_replicas: replicas });
}

export function openEffects(connection: NatsConnection): Effects {
  const js = jetstream(connection);
  return {
    async again(key, position) {
      await js.publish(`effects.${key}.${position}`, '', { timeout: 10_000 });
    },
    async happened(key, position) {
      const { streams } = await jetstreamManager(connection);
      const found = await streams.getMessage('effects', { last_by_subj: `effects.${key}.${position}` });
      return found !== null;
    },
    async once(key, position) {
      try {
        await js.publish(`effects.${key}.${position}`, '', {
          expect: { lastSubjectSequence: 0 },
          timeout: 10_000,
        });
        return true;
      } catch (error) {
        if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return false;
        throw error;
      }
    },
  };
}

export interface Effect {
  readonly key: string;
  readonly position: number;
}

export async function countEffects(connection: NatsConnection): Promise<number> {
  const manager = await jetstreamManager(connection);
  return (await manager.streams.info('effects')).state.messages;
}

/** In the order in which they happened. */
export async function readEffects(connection: NatsConnection): Promise<readonly Effect[]> {
  const effects: Effect[] = [];
  if ((await countEffects(connection)) === 0) return effects;
  const consumer = await jetstream(connection).consumers.get('effects');
  for await (const { subject, info } of await consumer.consume()) {
    const [, key = '', position = ''] = subject.split('.');
    effects.push({ key, position: Number(position) });
    if (info.pending === 0) break;
  }
  return effects;
}

/** What is wrong with effects that should have happened in the order of positions for each key. */
export function outOfOrder(effects: readonly Effect[]): string[] {
  const last = new Map<string, number>();
  const wrong: string[] = [];
  for (const { key, position } of effects) {
    const before = last.get(key) ?? 0;
    if (position < before) wrong.push(`${key}: position ${position} after ${before}`);
    last.set(key, Math.max(before, position));
  }
  return wrong;
}

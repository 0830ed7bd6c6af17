import type { StoredMsg } from '@nats-io/jetstream';
import type { Burial } from '../../delivery/letter-box.ts';
import { readDeadSubject } from './dead-stream.ts';

/** A letter as it lies in its stream: the event with what is said of it in two headers of Pipit's own. */
export interface StoredLetter {
  readonly group: string;
  readonly key: string;
  readonly position: number;
  readonly state: Burial['state'];
  readonly attempts: number;
  readonly at: Date;
  /** When the event was stored. */
  readonly storedAt: Date;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export const letterHeader = 'Pipit-Letter';

interface Said {
  readonly state: Burial['state'];
  readonly attempts: number;
  readonly at: string;
  readonly storedAt: string;
}

export function sayLetter({ state, attempts, at }: Burial, storedAt: Date): string {
  const said: Said = {
    state,
    attempts,
    at: at.toISOString(),
    storedAt: storedAt.toISOString(),
  };
  return JSON.stringify(said);
}

export function readLetter(message: StoredMsg): StoredLetter {
  const said = JSON.parse(message.header.get(letterHeader)) as Said;
  const names = message.header.keys().filter((name) => name !== letterHeader && !name.startsWith('Nats-'));
  return {
    ...readDeadSubject(message.subject),
    state: said.state,
    attempts: said.attempts,
    at: new Date(said.at),
    storedAt: new Date(said.storedAt),
    headers: new Map(names.map((name) => [name, message.header.get(name)])),
    body: message.data,
  };
}

import type { MsgHdrs } from '@nats-io/nats-core';
import { failuresOf } from '../../delivery/history.ts';
import type { Burial } from '../../delivery/letter-box.ts';
import { readDeadSubject } from './dead-stream.ts';

/**
 * A letter as it lies in its stream: the event, with what is said of it in a header of Pipit's own, or apart where the
 * event fills its message.
 */
export interface StoredLetter {
  /** Its place in the stream of dead letters; another one when it is a dead letter again. */
  readonly sequence: number;
  readonly group: string;
  readonly key: string;
  readonly position: number;
  readonly state: Burial['state'];
  readonly attempts: number;
  /** How many failures there had been when it became a dead letter. */
  readonly failures: number;
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
  readonly failures: number;
  readonly at: string;
  readonly storedAt: string;
}

export function sayLetter({ state, history, attempts, at }: Burial, storedAt: Date): string {
  const said: Said = {
    state,
    attempts,
    failures: failuresOf(history),
    at: at.toISOString(),
    storedAt: storedAt.toISOString(),
  };
  return JSON.stringify(said);
}

/** A message on the subject of a letter. */
export interface LetterMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly headers: MsgHdrs;
  readonly body: Uint8Array;
}

/**
 * @param apart what is said of it, where that lies apart
 * @returns `undefined` where nothing is said of it: it is not one of Pipit's, or what lies apart has not been read
 */
export function readLetter(
  { subject, sequence, headers, body }: LetterMessage,
  apart?: string,
): StoredLetter | undefined {
  const text = headers.has(letterHeader) ? headers.get(letterHeader) : apart;
  const said = text === undefined ? undefined : readSaid(text);
  if (said === undefined) return undefined;
  const names = headers.keys().filter((name) => name !== letterHeader && !name.startsWith('Nats-'));
  return {
    sequence,
    ...readDeadSubject(subject),
    ...said,
    headers: new Map(names.map((name) => [name, headers.get(name)])),
    // A copy, because the client's is a part of all that came with it.
    body: Uint8Array.from(body),
  };
}

function readSaid(
  text: string,
): Pick<StoredLetter, 'state' | 'attempts' | 'failures' | 'at' | 'storedAt'> | undefined {
  try {
    const { state, attempts, failures, at, storedAt } = JSON.parse(text) as Said;
    return { state, attempts, failures, at: new Date(at), storedAt: new Date(storedAt) };
  } catch {
    return undefined;
  }
}

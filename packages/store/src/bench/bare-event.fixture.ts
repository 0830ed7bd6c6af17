import { headers, type MsgHdrs } from '@nats-io/nats-core';
import { v7 as uuidv7 } from 'uuid';
import { type as eventType, payload } from './account.fixture.ts';

/** An event as somebody without Pipit would write it who wants the same in the log: nothing is validated. */
export interface BareEvent {
  readonly id: string;
  readonly headers: MsgHdrs;
  readonly body: string;
}

/** Without `Nats-Msg-Id`, which `js.publish` has an option for. */
export function bareEvent(store: string, revision: number): BareEvent {
  const id = uuidv7();
  const fields = headers();
  fields.set('ce-id', id);
  fields.set('ce-specversion', '1.0');
  fields.set('ce-source', `/${store}`);
  fields.set('ce-type', eventType);
  fields.set('ce-time', new Date().toISOString());
  fields.set('ce-revision', String(revision));
  return { id, headers: fields, body: JSON.stringify(payload) };
}

/** The same with everything a guarded publish of one's own needs. */
export function bareGuardedEvent(store: string, revision: number, lastSequence: number): BareEvent {
  const event = bareEvent(store, revision);
  event.headers.set('Nats-Msg-Id', event.id);
  event.headers.set('Nats-Expected-Last-Subject-Sequence', String(lastSequence));
  return event;
}

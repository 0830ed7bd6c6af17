import { type AggregateRef, decodeEvent, type EventDraft, type StoredMessage } from '@pipit/types-registry';
import type { AppendPart, EventLog } from '../event-log.ts';
import { KeyTakenError } from '../store-errors.ts';
import type { DraftContext } from './draft-event.ts';
import { completeDraft } from './draft-event.ts';
import { type KeyChange, KeyReleased, KeyReserved, keyEvents, keyRef, type UniqueKey } from './unique-key.ts';

/** A change of a key, for the aggregate beside whose events it stands. */
export interface HeldKey {
  readonly change: KeyChange;
  readonly owner: AggregateRef;
}

interface KeyState {
  readonly owner: AggregateRef | undefined;
  readonly revision: number;
}

/**
 * What has to be appended to the keys, guarded on what they were found to be.
 *
 * @param lookFirst whether a key that is to be reserved may exist already
 * @throws KeyTakenError
 */
export async function keyParts(
  log: EventLog,
  drafting: DraftContext,
  held: readonly HeldKey[],
  lookFirst: boolean,
): Promise<readonly AppendPart[]> {
  const parts = await Promise.all(
    held.map(async ({ change, owner }): Promise<AppendPart | undefined> => {
      const { action } = change;
      const unknown = { owner: undefined, revision: 0 };
      const state = lookFirst || action === 'release' ? await keyState(log, change) : unknown;
      const isOwn = state.owner?.type === owner.type && state.owner.id === owner.id;
      if (state.owner !== undefined && !isOwn) throw new KeyTakenError(change, state.owner, owner);
      if (isOwn === (action === 'reserve')) return undefined;
      const drafts = [keyDraft(drafting, action, owner)];
      return { aggregate: keyRef(change), expected: state.revision, drafts };
    }),
  );
  return parts.filter((part) => part !== undefined);
}

/** The aggregate that holds a key. */
export async function keyState(log: EventLog, key: UniqueKey): Promise<KeyState> {
  let last: StoredMessage | undefined;
  for await (const messages of log.readAggregate(keyRef(key))) last = messages.at(-1) ?? last;
  if (last === undefined) return { owner: undefined, revision: 0 };
  const { type, data, revision } = decodeEvent(keyEvents, last);
  return { owner: type === KeyReserved.type ? data : undefined, revision };
}

function keyDraft(drafting: DraftContext, action: KeyChange['action'], owner: AggregateRef): EventDraft {
  const { type } = action === 'reserve' ? KeyReserved : KeyReleased;
  const { data: _, ...payload } = keyEvents.encode(type, { type: owner.type, id: owner.id });
  return completeDraft(drafting, { type }, payload);
}

import { type AggregateRef, decodeEvent, type EventDraft, type StoredMessage } from '@pipit/types-registry';
import type { AppendPart, EventLog } from '../event-log.ts';
import { KeyTakenError } from '../store-errors.ts';
import { completeDraft, type DraftContext } from './draft-event.ts';
import type { HeldKey } from './held-keys.ts';
import { type KeyChange, KeyReleased, KeyReserved, keyEvents, keyRef, type UniqueKey } from './unique-key.ts';

export interface KeyPart extends AppendPart {
  /** Somebody else holds the key: the part can only be found again, not stored. */
  readonly taken: KeyTakenError | undefined;
}

interface KeyState {
  readonly owner: AggregateRef | undefined;
  readonly revision: number;
}

/** No key has it, so that an append which expects it is stored under no circumstances. */
const noRevision = Number.MAX_SAFE_INTEGER;
const unseen: KeyState = { owner: undefined, revision: 0 };

/**
 * What has to be appended to the keys, guarded on what they were found to be. A key that is already as it should be is
 * written again all the same: only a guard that is stored with the events proves that it still was.
 *
 * @param lookFirst whether a key that is to be reserved may exist already
 */
export async function keyParts(
  log: EventLog,
  drafting: DraftContext,
  held: readonly HeldKey[],
  lookFirst: boolean,
): Promise<readonly KeyPart[]> {
  return Promise.all(
    held.map(async ({ change, owner, from, eventId }): Promise<KeyPart> => {
      const { action } = change;
      const mayExist = lookFirst || action === 'release' || from !== undefined;
      const state = mayExist ? await keyState(log, change) : unseen;
      const isOwn = isSame(state.owner, owner) || isSame(state.owner, from);
      const taken =
        state.owner === undefined || isOwn ? undefined : new KeyTakenError(change, state.owner, owner);
      const expected = taken === undefined ? state.revision : noRevision;
      const drafts = [keyDraft(drafting, action, owner, eventId)];
      return { aggregate: keyRef(change), expected, drafts, taken };
    }),
  );
}

function isSame(one: AggregateRef | undefined, other: AggregateRef | undefined): boolean {
  return one !== undefined && one.type === other?.type && one.id === other.id;
}

/** The aggregate that holds a key. */
export async function keyState(log: EventLog, key: UniqueKey): Promise<KeyState> {
  let last: StoredMessage | undefined;
  for await (const messages of log.readAggregate(keyRef(key))) last = messages.at(-1) ?? last;
  if (last === undefined) return unseen;
  const { type, data, revision } = decodeEvent(keyEvents, last);
  return { owner: type === KeyReserved.type ? data : undefined, revision };
}

function keyDraft(
  drafting: DraftContext,
  action: KeyChange['action'],
  owner: AggregateRef,
  id: string,
): EventDraft {
  const { type } = action === 'reserve' ? KeyReserved : KeyReleased;
  const { data: _, ...payload } = keyEvents.encode(type, { type: owner.type, id: owner.id });
  return completeDraft(drafting, { type, id }, payload);
}

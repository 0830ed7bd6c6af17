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
  signal: AbortSignal,
): Promise<readonly KeyPart[]> {
  return Promise.all(
    held.map(async ({ change, owner, from, eventId }): Promise<KeyPart> => {
      const { action } = change;
      const mayExist = lookFirst || action === 'release' || from !== undefined;
      let state = mayExist ? await keyState(log, change, signal) : unseen;
      // A replica may be behind, and name an owner who has released the key.
      if (holderBeside([owner, from], state) !== undefined) state = await latestState(log, change, signal);
      const holder = holderBeside([owner, from], state);
      const taken = holder && new KeyTakenError(change, holder, owner);
      const expected = taken === undefined ? state.revision : noRevision;
      const drafts = [keyDraft(drafting, action, owner, eventId)];
      return { aggregate: keyRef(change), expected, drafts, taken };
    }),
  );
}

/** The aggregate that holds a key, as the log itself confirms it. */
export async function keyOwner(log: EventLog, key: UniqueKey): Promise<AggregateRef | undefined> {
  return (await latestState(log, key)).owner;
}

async function latestState(log: EventLog, key: UniqueKey, signal?: AbortSignal): Promise<KeyState> {
  const revision = await log.revision(keyRef(key), signal);
  return revision === 0 ? unseen : keyState(log, key, signal);
}

async function keyState(log: EventLog, key: UniqueKey, signal: AbortSignal | undefined): Promise<KeyState> {
  let last: StoredMessage | undefined;
  for await (const messages of log.readAggregate(keyRef(key), signal && { signal }))
    last = messages.at(-1) ?? last;
  if (last === undefined) return unseen;
  const { type, data, revision } = decodeEvent(keyEvents, last);
  return { owner: type === KeyReserved.type ? data : undefined, revision };
}

/** Who holds a key, where that is none of those who may. */
function holderBeside(
  owners: readonly (AggregateRef | undefined)[],
  { owner: holder }: KeyState,
): AggregateRef | undefined {
  return owners.some((owner) => owner?.type === holder?.type && owner?.id === holder?.id)
    ? undefined
    : holder;
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

import type { Envelope, EventDraft, StoredMessage } from '@pipit/types-registry';
import type { Appended, AppendedPart, AppendPart, AppendRequest } from '../event-log.ts';
import type { AppendContext } from './append-context.ts';
import { duplicateId } from './append-failures.ts';
import { envelopeOf } from './tail.ts';

/**
 * Looks for exactly these events, each part's in a row. Rare, so it may read whole aggregates.
 *
 * @param first where they begin, if that is known and they are one
 * @throws DuplicateEventIdError where an id stands at another event
 */
export async function findRepetition(
  context: AppendContext,
  request: AppendRequest,
  first?: StoredMessage,
): Promise<Appended | undefined> {
  const found: AppendedPart[] = [];
  const alone = request.parts.length === 1 && request.parts[0]?.drafts.length === 1;
  for (const part of request.parts) {
    const candidates = first !== undefined && alone ? onlyOne(first) : context.readAggregate(part.aggregate);
    const repeated = await findPart(request, part, candidates);
    if (repeated === undefined) return undefined;
    found.push(repeated);
  }
  return { parts: found };
}

async function findPart(
  request: AppendRequest,
  { drafts }: AppendPart,
  candidates: AsyncIterable<readonly StoredMessage[]>,
): Promise<AppendedPart | undefined> {
  const found: StoredMessage[] = [];
  for await (const messages of candidates) {
    for (const message of messages) {
      const envelope = envelopeOf(message);
      const draft = drafts[found.length];
      if (envelope.id !== draft?.id) {
        if (found.length > 0) return undefined;
        continue;
      }
      if (!isSameEvent(envelope, draft)) throw duplicateId(request);
      found.push(message);
      if (found.length < drafts.length) continue;
      return { revision: envelope.revision, positions: found.map(({ position }) => position), stored: found };
    }
  }
  return undefined;
}

async function* onlyOne(message: StoredMessage): AsyncGenerator<readonly StoredMessage[]> {
  yield [message];
}

function isSameEvent({ type, payload }: Envelope, draft: EventDraft): boolean {
  return type === draft.type && Buffer.compare(payload.bytes, draft.payload.bytes) === 0;
}

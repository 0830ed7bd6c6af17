import type { RecordedEvent } from '@pipit/types-registry';
import type { Projector } from '../projector.ts';
import type { RowChange, StoredRow } from '../repository.ts';
import { outOfReach } from '../rows/out-of-reach.ts';

/** An event and the rows that it changes, or those of them that one shard has. */
export interface KeyedEvent {
  readonly event: RecordedEvent;
  readonly keys: readonly string[];
}

type Draft<Row> = { -readonly [Field in keyof RowChange<Row>]: RowChange<Row>[Field] };

/**
 * What events change in rows: each row once, as it is after the last of them. An event that a row shows already changes it
 * no more.
 *
 * @param before the row as it is stored
 */
export function foldEvents<Row>(
  { project }: Pick<Projector<Row>, 'project'>,
  before: (key: string) => StoredRow<Row> | undefined,
  events: readonly KeyedEvent[],
): readonly RowChange<Row>[] {
  const drafts = new Map<string, Draft<Row>>();
  for (const { event, keys } of events) {
    for (const key of keys) {
      const draft = drafts.get(key);
      const stored = draft === undefined ? before(key) : draft.before;
      const current = draft ?? stored;
      if (current !== undefined && event.position <= current.position) continue;
      // A function that changed the row in place and returned it would seem to have changed nothing.
      const given = outOfReach(current?.row);
      const row = project(given, event, key);
      if (row === given && given === current?.row) continue;
      const createdAt = current?.row === undefined ? event.time : current.createdAt;
      const { position, time: updatedAt } = event;
      // Written out: it runs for every event.
      if (draft === undefined) drafts.set(key, { key, row, position, createdAt, updatedAt, before: stored });
      else {
        draft.row = row;
        draft.position = position;
        draft.createdAt = createdAt;
        draft.updatedAt = updatedAt;
      }
    }
  }
  return [...drafts.values()];
}

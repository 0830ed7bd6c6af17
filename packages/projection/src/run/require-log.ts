import type { Projection } from '../define-projection.ts';
import type { EventReader } from '../event-reader.ts';
import { CheckpointAheadError } from '../projection-errors.ts';

/**
 * Makes sure that a log goes as far as rows show it. One that is shorter is another one.
 *
 * @throws CheckpointAheadError; what the reader throws
 */
export async function requireLog<Row>(
  reader: EventReader,
  { name, version }: Pick<Projection<Row>, 'name' | 'version'>,
  checkpoint: number,
): Promise<void> {
  // Rows that show nothing can show any log.
  if (checkpoint === 0) return;
  const position = await reader.position();
  if (checkpoint <= position) return;
  throw new CheckpointAheadError({ projection: name, version, store: reader.name, checkpoint, position });
}

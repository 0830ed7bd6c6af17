import type { z } from 'zod';

/** The answer to a write: as the schema, with headers that name what was written. */
export function writeAnswer<Schema extends z.ZodType>(description: string, schema: Schema): Schema {
  return schema.meta({
    description,
    headers: {
      ETag: { type: 'string', description: 'The revision, for `If-Match`' },
      Position: { type: 'integer', description: 'Where it is in the log, for `after`' },
      'Operation-Id': { type: 'string', description: 'What was recorded of it, for `/operations/{id}`' },
    },
  });
}

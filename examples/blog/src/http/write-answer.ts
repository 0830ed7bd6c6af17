import type { z } from 'zod';

const position = { type: 'integer', description: 'Where it is in the log, for `after`' };
const operation = { type: 'string', description: 'What was recorded of it, for `/operations/{id}`' };

/** The answer to a write: as the schema, with headers that name what was written. */
export function writeAnswer<Schema extends z.ZodType>(description: string, schema: Schema): Schema {
  return schema.meta({
    description,
    headers: {
      ETag: { type: 'string', description: 'The revision, for `If-Match`' },
      Position: position,
      'Operation-Id': operation,
    },
  });
}

/** The answer to what takes longer than the request, with headers that name where to look for it. */
export function startAnswer<Schema extends z.ZodType>(description: string, schema: Schema): Schema {
  return schema.meta({
    description,
    headers: {
      Location: { type: 'string', description: 'Where it is shown how far it is' },
      Position: position,
      'Operation-Id': operation,
    },
  });
}

import type { JsonSchema } from './schema-parts.ts';

/** Something that may have been written and is not taken any more. */
export interface Incompatibility {
  /** Keys from the payload down to the field; `*` stands for every item or every other key. */
  readonly path: readonly string[];
  readonly reason: string;
}

/** Where a payload that `written` admits is not admitted by `reader`. */
export type Compare = (
  written: JsonSchema,
  reader: JsonSchema,
  path: readonly string[],
) => readonly Incompatibility[];

/** The documents that references of the two sides point into. */
export interface Roots {
  readonly written: JsonSchema;
  readonly reader: JsonSchema;
}

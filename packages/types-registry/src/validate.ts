import type { StandardSchemaV1 } from '@standard-schema/spec';
import { AsyncSchemaError, type PayloadIssue } from './registry-errors.ts';

export type Validated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly PayloadIssue[] };

/** Runs any Standard Schema (https://standardschema.dev) that answers at once. */
export function validate(schema: StandardSchemaV1, value: unknown): Validated {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) {
    // The verdict is not waited for, and a rejection nobody awaits would end the process.
    result.catch((reason: unknown) => reason);
    throw new AsyncSchemaError(schema);
  }
  return result.issues === undefined
    ? { ok: true, value: result.value }
    : { ok: false, issues: result.issues.map(toPayloadIssue) };
}

function toPayloadIssue(issue: StandardSchemaV1.Issue): PayloadIssue {
  const path = (issue.path ?? []).map((segment) => {
    const key = typeof segment === 'object' ? segment.key : segment;
    return typeof key === 'symbol' ? String(key) : key;
  });
  return { path, message: issue.message };
}

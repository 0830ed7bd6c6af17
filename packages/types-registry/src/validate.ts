import type { StandardSchemaV1 } from '@standard-schema/spec';
import { AsyncSchemaError, type PayloadIssue } from './registry-errors.ts';

export type Validated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly PayloadIssue[]; readonly cause?: unknown };

/**
 * Runs any Standard Schema (https://standardschema.dev) that answers at once.
 *
 * @param what whose schema it is, for the error.
 * @throws AsyncSchemaError
 */
export function validate(schema: StandardSchemaV1, value: unknown, what: string): Validated {
  const result = outcomeOf(schema, value);
  if ('thrown' in result) {
    const message = `the schema threw: ${String(result.thrown)}`;
    return { ok: false, issues: [{ path: [], message }], cause: result.thrown };
  }
  if (isPromise(result)) {
    // The verdict is not waited for, and a rejection nobody awaits would end the process.
    result.then(undefined, () => undefined);
    throw new AsyncSchemaError(schema, what);
  }
  return result.issues === undefined
    ? { ok: true, value: result.value }
    : { ok: false, issues: result.issues.map(toPayloadIssue) };
}

/** A refinement that throws is a refused payload, not a crash. */
function outcomeOf(schema: StandardSchemaV1, value: unknown) {
  try {
    return schema['~standard'].validate(value);
  } catch (thrown) {
    return { thrown };
  }
}

/** Also promises of another realm or library. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function toPayloadIssue(issue: StandardSchemaV1.Issue): PayloadIssue {
  const path = (issue.path ?? []).map((segment) => {
    const key = typeof segment === 'object' ? segment.key : segment;
    return typeof key === 'symbol' ? String(key) : key;
  });
  return { path, message: issue.message };
}

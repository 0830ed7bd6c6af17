import type { PayloadIssue } from '@pipit/types-registry';
import type { ZodType } from 'zod';
import { RowMismatchError } from '../repository-errors.ts';
import { findChange } from './find-change.ts';
import { findUnkeepable } from './find-unkeepable.ts';

/** What stands between a repository and the rows that go in and come out. */
export interface RowGuard<Row> {
  /** The row as it is to be kept. `version` is `undefined` for the active one. @throws RowMismatchError */
  in(version: number | undefined, key: string, row: Row): Row;
  /** The row as it is handed out. @throws RowMismatchError */
  out(version: number | undefined, key: string, kept: unknown): Row;
}

/** @param keeps objects beyond JSON that the repository can keep */
export function rowGuard<Row>(
  view: string,
  schema: ZodType<Row> | undefined,
  keeps?: (value: object) => boolean,
): RowGuard<Row> {
  function fitting(phase: 'read' | 'write', version: number | undefined, key: string, row: unknown): Row {
    if (schema === undefined) return row as Row;
    const refuse = (issues: readonly PayloadIssue[], cause?: unknown) =>
      new RowMismatchError({ view, version, key, issues, phase, cause });
    const result = resultOf(() => schema.safeParse(row), refuse);
    if (result.success) return result.data;
    throw refuse(
      result.error.issues.map(({ path, message }) => ({
        path: path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
        message,
      })),
      result.error,
    );
  }

  return {
    in(version, key, row) {
      const checked = fitting('write', version, key, row);
      // A function would get another row after a restart than while it is in memory.
      const lost = findChange(row, checked) ?? findUnkeepable(checked, keeps);
      if (lost === undefined) return checked;
      throw new RowMismatchError({ view, version, key, issues: [lost], phase: 'write' });
    },
    out: (version, key, kept) => fitting('read', version, key, kept),
  };
}

/** A schema's own function that throws has refused the row. */
function resultOf<T>(
  parse: () => T,
  refuse: (issues: readonly PayloadIssue[], cause: unknown) => RowMismatchError,
): T {
  try {
    return parse();
  } catch (cause) {
    throw refuse([{ path: [], message: `the schema threw: ${String(cause)}` }], cause);
  }
}

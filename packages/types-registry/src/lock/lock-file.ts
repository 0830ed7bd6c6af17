import { readFileSync, writeFileSync } from 'node:fs';
import type { EventDefinition } from '../define-event.ts';
import { PipitError } from '../pipit-error.ts';
import { checkSchemas, IncompatibleSchemasError } from './check-schemas.ts';
import { isJsonSchema, type JsonSchemaOptions } from './json-schema.ts';
import { mergedLock, type SchemaLock, schemaLock } from './schema-lock.ts';

export interface SchemaLockOptions extends JsonSchemaOptions {
  /** Every event that is stored, with all its versions. */
  readonly events: readonly EventDefinition[];
  /** Default: `pipit-schemas.lock.json` in the working directory. Belongs into version control. */
  readonly file?: string;
}

export interface WriteSchemaLockOptions extends SchemaLockOptions {
  /** Drops from the lock what cannot be read any more. Only where no such event is stored anywhere. Default: refuse. */
  readonly accept?: boolean;
}

export const defaultLockFile = 'pipit-schemas.lock.json';

/** The lock is missing, is no lock, or does not hold what is written now. Nothing that is stored is in danger. */
export class SchemaLockError extends PipitError {
  readonly code = 'SCHEMA_LOCK';
  readonly file: string;
  /** What is written now and not locked, as `type version n`. */
  readonly unlocked: readonly string[];

  constructor(file: string, reason: string, unlocked: readonly string[] = [], cause?: unknown) {
    super(`${file} ${reason}`, { cause });
    this.file = file;
    this.unlocked = unlocked;
  }
}

/**
 * Checks events against the lock file. One line in a test of yours, run in continuous integration.
 *
 * @throws IncompatibleSchemasError where stored events could not be read; SchemaLockError where the file is missing,
 * broken, or has to be written again for what is new; NoJsonSchemaError
 */
export function checkSchemaLock({ events, file = defaultLockFile, ...options }: SchemaLockOptions): void {
  const lock = readLock(file);
  if (lock === undefined) throw new SchemaLockError(file, `is not there. ${howToWrite}`);
  const { problems, unlocked } = checkSchemas(lock, events, options);
  if (problems.length > 0) throw new IncompatibleSchemasError(problems);
  if (unlocked.length === 0) return;
  const reason = `does not hold ${unlocked.join(', ')}, which breaks nothing. ${howToWrite}`;
  throw new SchemaLockError(file, reason, unlocked);
}

const howToWrite = 'Write it with `npx pipit-schemas write` (or writeSchemaLock) and commit it.';

/**
 * Adds to the lock file what is written now; what was written before stays in it. The same schemas give the same bytes.
 *
 * @returns what was added, as `type version n`
 * @throws IncompatibleSchemasError where that could not be read any more; SchemaLockError; NoJsonSchemaError
 */
export function writeSchemaLock({
  events,
  file = defaultLockFile,
  accept = false,
  ...options
}: WriteSchemaLockOptions): readonly string[] {
  const before: SchemaLock = readLock(file) ?? { format: 1, events: {} };
  const { problems, unlocked } = checkSchemas(before, events, options);
  if (problems.length > 0 && !accept) throw new IncompatibleSchemasError(problems);
  const broken = new Set(problems.map(({ eventType, schemaVersion }) => `${eventType} ${schemaVersion}`));
  const kept = withoutVersions(before, (type, version) => broken.has(`${type} ${version}`));
  const lock = mergedLock(kept, schemaLock(events, options));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  return unlocked;
}

function withoutVersions(
  lock: SchemaLock,
  isDropped: (type: string, version: string) => boolean,
): SchemaLock {
  const events = Object.entries(lock.events).flatMap(([type, { versions }]) => {
    const left = Object.entries(versions).filter(([version]) => !isDropped(type, version));
    return left.length === 0 ? [] : [[type, { versions: Object.fromEntries(left) }] as const];
  });
  return { format: 1, events: Object.fromEntries(events) };
}

function readLock(file: string): SchemaLock | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SchemaLockError(file, 'cannot be read.', [], error);
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new SchemaLockError(file, 'is not JSON. Restore it from version control.', [], error);
  }
  if (isLock(found)) return found;
  const format = (found as { readonly format?: unknown } | null)?.format;
  const reason =
    typeof format === 'number' ? `has format ${format}, and this version of Pipit reads 1.` : 'is no lock.';
  throw new SchemaLockError(
    file,
    `${reason} Restore it from version control, or update @pipit/types-registry.`,
  );
}

function isLock(found: unknown): found is SchemaLock {
  if (typeof found !== 'object' || found === null) return false;
  const { format, events } = found as Partial<SchemaLock>;
  if (format !== 1 || typeof events !== 'object' || events === null) return false;
  return Object.values(events).every(
    (event) =>
      typeof event?.versions === 'object' &&
      Object.values(event.versions ?? {}).every(
        (forms) =>
          Array.isArray(forms) &&
          forms.every(
            (form) =>
              typeof form?.contentType === 'string' &&
              isJsonSchema(form.schema) &&
              Array.isArray(form.samples),
          ),
      ),
  );
}

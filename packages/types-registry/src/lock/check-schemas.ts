import { createCatalog } from '../catalog.ts';
import { builtInCodecs, mediaType } from '../codec.ts';
import type { EventDefinition } from '../define-event.ts';
import { PipitError } from '../pipit-error.ts';
import { InvalidPayloadError, UpcastError } from '../registry-errors.ts';
import { incompatibilities } from './incompatibilities.ts';
import { type JsonSchemaOptions, jsonSchemaOf } from './json-schema.ts';
import { bytesOf } from './locked-samples.ts';
import { isSameForm, type LockedForm, type SchemaLock, schemaLock, versionsOf } from './schema-lock.ts';

/** Something that was written and cannot be read any more. */
export interface SchemaProblem {
  readonly eventType: string;
  readonly schemaVersion: number;
  /** Keys from the payload down to the field; `*` stands for every item or every other key. Empty for the whole. */
  readonly path: readonly string[];
  readonly reason: string;
}

export interface SchemaCheck {
  /** Empty where everything that is locked can be read. */
  readonly problems: readonly SchemaProblem[];
  /** What is written now and is not in the lock yet, as `type version n`. */
  readonly unlocked: readonly string[];
}

/** Events that are stored could not be read with these schemas. */
export class IncompatibleSchemasError extends PipitError {
  readonly code = 'INCOMPATIBLE_SCHEMAS';
  readonly problems: readonly SchemaProblem[];

  constructor(problems: readonly SchemaProblem[]) {
    super(
      `Stored events could not be read any more:\n${problems.map(told).join('\n')}\n` +
        'Leave the version as it was and add the change as a new version with an upcaster.',
    );
    this.problems = problems;
  }
}

function told({ eventType, schemaVersion, path, reason }: SchemaProblem): string {
  const field = path.length === 0 ? '' : `, field ${path.join('.')}`;
  return `- ${eventType} version ${schemaVersion}${field}: ${reason}`;
}

/**
 * Whether everything that the lock says was written can be read by these events: through the schema of its version as it
 * is today, and through all upcasters after it. Compared are the schemas; tried are the lock's samples, which cover
 * upcasters and what no JSON Schema says. Not noticed is an upcaster or a condition that changes and fails only for values
 * that no sample has.
 *
 * @throws NoJsonSchemaError
 */
export function checkSchemas(
  lock: SchemaLock,
  events: readonly EventDefinition[],
  options: JsonSchemaOptions = {},
): SchemaCheck {
  const now = schemaLock(events, options);
  const definitions = new Map(events.map((definition) => [definition.type as string, definition]));
  const codecs = [...new Set([...builtInCodecs, ...events.map(({ codec }) => codec)])];
  const readable = new Set(codecs.map(({ contentType }) => mediaType(contentType)));
  const catalog = createCatalog('event', [...new Set(events)], codecs);

  const problems = Object.keys(lock.events).flatMap((eventType) =>
    [...versionsOf(lock, eventType)].flatMap(([version, forms]) =>
      forms.flatMap((form) => problemsOf(eventType, Number(version), form)),
    ),
  );
  const unlocked = Object.keys(now.events).flatMap((type) =>
    [...versionsOf(now, type)]
      .filter(([version, [form]]) => {
        const known = versionsOf(lock, type).get(version) ?? [];
        return !known.some((one) => isSameForm(one, form as LockedForm));
      })
      .map(([version]) => `${type} version ${version}`),
  );
  return { problems, unlocked };

  function problemsOf(eventType: string, schemaVersion: number, form: LockedForm): readonly SchemaProblem[] {
    const problem = (reason: string, path: readonly string[] = []) => ({
      eventType,
      schemaVersion,
      path,
      reason,
    });
    const definition = definitions.get(eventType);
    if (definition === undefined) return [problem('there is no such event any more')];
    const version = definition.versions[schemaVersion - 1];
    if (version === undefined) return [problem('there is no such version any more')];
    if (!readable.has(mediaType(form.contentType)))
      return [problem(`no codec reads ${form.contentType} any more`)];
    const reader = jsonSchemaOf(eventType, version, 'input', options);
    // What is written today is taken today.
    const isWrittenNow = versionsOf(now, eventType)
      .get(String(schemaVersion))
      ?.some((one) => isSameForm(one, form));
    const found = isWrittenNow ? [] : incompatibilities(form.schema, reader);
    const refused = found.map(({ path, reason }) => problem(reason, path));
    return refused.length > 0 ? refused : form.samples.flatMap(tried);

    function tried(sample: unknown): readonly SchemaProblem[] {
      const { contentType } = form;
      try {
        catalog.decode(eventType, { contentType, schemaVersion, bytes: bytesOf(contentType, sample) });
        return [];
      } catch (error) {
        const path = error instanceof InvalidPayloadError ? (error.issues[0]?.path ?? []).map(String) : [];
        const where = error instanceof UpcastError ? `, in the upcaster to version ${error.to}` : '';
        const reason = `${JSON.stringify(sample)} cannot be read any more${where}: ${(error as Error).message}`;
        return [problem(reason, path)];
      }
    }
  }
}

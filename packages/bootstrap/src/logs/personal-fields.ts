import type { Definition } from '@pipit/types-registry';
import type { AppOptions } from '../app.ts';

type Versions = Pick<Definition, 'versions'>;
type Schema = Versions['versions'][number]['schema'];

/**
 * The names of fields that schemas mark as personal, in every version of these definitions. zod:
 * `z.email().meta({ personal: true })`; other libraries with Standard JSON Schema: `personal: true` in it. Where a whole
 * payload is marked, its name is `data`. A schema of which there is no JSON Schema marks nothing.
 */
export function personalFields(definitions: Iterable<Versions>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { versions } of definitions) for (const { schema } of versions) addPersonal(schema, names);
  return names;
}

/** Of all that an application is given. */
export function personalFieldsOf({ aggregates, projections, sagas }: Given): ReadonlySet<string> {
  return personalFields([
    ...aggregates.flatMap(({ events, commands, snapshot }) => [
      ...events,
      ...commands,
      ...list(snapshot?.state),
    ]),
    ...made(projections).flatMap(({ events }) => events ?? []),
    ...made(sagas).flatMap(({ events, input }) => [...events, { versions: [{ version: 1, schema: input }] }]),
  ]);
}

type Given = Pick<AppOptions, 'aggregates' | 'projections' | 'sagas'>;

const list = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
/** Those that are made of parts are known later. */
const made = <T>(given: readonly T[] | ((...parts: never[]) => unknown) | undefined): readonly T[] =>
  typeof given === 'function' ? [] : (given ?? []);

type JsonSchema = Readonly<Record<string, unknown>>;

function addPersonal(schema: Schema, names: Set<string>): void {
  for (const root of jsonSchemas(schema)) {
    const look = looker(root, names);
    if (look(root)) names.add('data');
  }
}

/** Fields may have one name for who writes them and another for who reads them. */
function jsonSchemas(schema: Schema): JsonSchema[] {
  const { vendor, jsonSchema } = schema['~standard'] as {
    readonly vendor: string;
    readonly jsonSchema?: Record<'input' | 'output', (options: object) => JsonSchema>;
  };
  if (jsonSchema === undefined) return [];
  const options = {
    target: 'draft-2020-12',
    ...(vendor === 'zod' && { libraryOptions: { unrepresentable: 'any' } }),
  };
  const sides = ['input', 'output'] as const;
  return sides.flatMap((side) => {
    try {
      return [jsonSchema[side](options)];
    } catch {
      // What no JSON Schema can say of one side may be said of the other; a payload need not have one.
      return [];
    }
  });
}

const parts = ['items', 'additionalProperties', 'allOf', 'anyOf', 'oneOf', 'prefixItems'] as const;

/** Collects the names below a schema, and tells whether what fits it is personal itself. */
function looker(root: JsonSchema, names: Set<string>) {
  const seen = new Set<object>();
  return function look(schema: unknown): boolean {
    if (Array.isArray(schema)) return schema.map(look).some(Boolean);
    if (typeof schema !== 'object' || schema === null) return false;
    const { personal, properties, $ref, ...rest } = schema as JsonSchema;
    if (!seen.has(schema)) {
      seen.add(schema);
      for (const [name, field] of Object.entries((properties ?? {}) as JsonSchema)) {
        if (look(field)) names.add(name);
      }
      const inside = parts.map((part) => look(rest[part]));
      const referred = typeof $ref === 'string' && look(resolve(root, $ref));
      return personal === true || referred || inside.some(Boolean);
    }
    return personal === true;
  };
}

function resolve(root: JsonSchema, ref: string): unknown {
  let found: unknown = root;
  for (const part of ref.replace(/^#\/?/, '').split('/')) {
    if (part === '') continue;
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found = (found as JsonSchema | undefined)?.[name];
  }
  return found;
}

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { validate } from '../validate.ts';
import { checksMark, typeMark } from './schema-parts.ts';
import { conditionsOfChecks, type ZodCheck } from './zod-conditions.ts';

/** As much of a zod schema as is looked at; nothing of zod is loaded. */
interface ZodSchema {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly coerce?: boolean;
      readonly check?: string;
      readonly checks?: readonly ZodCheck[];
      readonly values?: readonly unknown[];
      readonly in?: ZodSchema;
      readonly out?: ZodSchema;
      readonly transform?: unknown;
      readonly innerType?: ZodSchema;
      readonly valueType?: StandardSchemaV1;
    };
    readonly bag?: { readonly Class?: { readonly name?: string } };
  };
}

interface Converted {
  readonly zodSchema: unknown;
  readonly jsonSchema: Record<string, unknown>;
}

/** What zod says nothing of in a JSON Schema, where it would say `{}`: anything. */
const types = new Set(['date', 'bigint', 'nan', 'map', 'set', 'promise', 'file', 'custom', 'transform']);
/** What no codec stores. */
const absent = new Set(['undefined', 'void', 'symbol', 'function']);
/** Around these, zod's JSON Schema is that of what is inside. */
const around = new Set(['optional', 'nonoptional', 'default', 'prefault', 'readonly', 'catch']);

/** To be given to zod as `override`: marks what a JSON Schema leaves out, so that a change of it is seen. */
export function markZod(side: 'input' | 'output'): (converted: Converted) => void {
  return ({ zodSchema, jsonSchema }) => {
    const { def, bag } = (zodSchema as ZodSchema)._zod;
    if (absent.has(def.type) || isOnly(def.values, 'undefined')) jsonSchema['not'] = {};
    if (types.has(def.type) || isOnly(def.values, 'bigint')) {
      const name = bag?.Class?.name ?? def.type;
      jsonSchema[typeMark] = def.coerce === true ? `${name}, coerced` : name;
    }
    // Of keys that a record names zod takes the absent ones for undefined, but says that they are required.
    if (def.valueType !== undefined && takesUndefined(def.valueType)) delete jsonSchema['required'];
    const conditions = conditionsOf(zodSchema as ZodSchema, jsonSchema['format']);
    if (conditions.length > 0) jsonSchema[checksMark] = conditions;
    if (side === 'input' && def.coerce === true) widen(def.type, jsonSchema);
  };
}

function takesUndefined(schema: StandardSchemaV1): boolean {
  try {
    return validate(schema, undefined, 'a value').ok;
  } catch {
    // An asynchronous one says nothing at once.
    return true;
  }
}

function isOnly(values: readonly unknown[] | undefined, type: string): boolean {
  return values !== undefined && values.length > 0 && values.every((value) => typeof value === type);
}

/** What is made a text or a boolean may be something else before, unless it has to fit a limit afterwards. */
function widen(type: string, jsonSchema: Record<string, unknown>): void {
  if (Object.keys(jsonSchema).some((keyword) => keyword !== 'type')) return;
  if (type === 'string') jsonSchema['type'] = ['boolean', 'null', 'number', 'string'];
  if (type === 'boolean') delete jsonSchema['type'];
}

function conditionsOf({ _zod: { def } }: ZodSchema, format?: unknown): readonly string[] {
  const isCheck = def.check !== undefined && def.type !== 'custom';
  const checks = [...(isCheck ? [{ _zod: { def } } as ZodCheck] : []), ...(def.checks ?? [])];
  const own = conditionsOfChecks(checks, types.has(def.type), format);
  if (def.type === 'pipe') {
    const sides = [def.in, def.out].flatMap((one) => (one === undefined ? [] : conditionsOf(one)));
    return [...own, ...(def.transform === undefined ? [] : ['transform']), ...sides];
  }
  if (def.type === 'transform') return [...own, 'transform'];
  const inside = around.has(def.type) && def.innerType ? conditionsOf(def.innerType, format) : [];
  return [...own, ...inside];
}

/** As much of a check of zod as is looked at. */
export interface ZodCheck {
  readonly _zod: {
    readonly def: {
      readonly check: string;
      readonly format?: string;
      readonly pattern?: RegExp;
      readonly protocol?: RegExp;
      readonly hostname?: RegExp;
      readonly alg?: string;
      readonly value?: unknown;
    };
  };
}

type Definition = ZodCheck['_zod']['def'];

/** Conditions that have no keyword. */
const unsaid = new Set(['custom', 'property']);
/** Formats that JSON Schema calls by another name. */
const names: Readonly<Record<string, string>> = { url: 'uri', guid: 'uuid', json_string: 'json-string' };

/**
 * What a JSON Schema does not say of checks.
 *
 * @param isStranger of a type that JSON has not, whose limits it says nothing of
 * @param format that the JSON Schema says; of several, it is the last
 */
export function conditionsOfChecks(
  checks: readonly ZodCheck[],
  isStranger: boolean,
  format: unknown,
): readonly string[] {
  return checks.flatMap(({ _zod: { def } }, index) => {
    if (isStranger && !unsaid.has(def.check)) return [`${def.check} ${shown(def.value)}`.trim()];
    if (unsaid.has(def.check)) return [def.check];
    // What is changed before it is checked may pass, or fail, where it did not.
    if (def.check === 'overwrite') return isCheckedAfter(checks, index) ? ['overwrite'] : [];
    return def.check === 'string_format' ? formatConditions(def, format) : [];
  });
}

function isCheckedAfter(checks: readonly ZodCheck[], index: number): boolean {
  return checks.slice(index + 1).some(({ _zod: { def } }) => def.check !== 'overwrite');
}

function formatConditions(def: Definition, said: unknown): readonly string[] {
  const { format = '', pattern, protocol, hostname, alg } = def;
  const details = [protocol, hostname, alg].filter((one) => one !== undefined).map(String);
  if (details.length > 0) return [`${format} ${details.join(' ')}`];
  // A JSON Schema has no flags.
  if (pattern !== undefined) return /[ims]/.test(pattern.flags) ? [String(pattern)] : [];
  return (names[format] ?? format) === said ? [] : [format];
}

function shown(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value ?? '');
}

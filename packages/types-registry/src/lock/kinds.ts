import type { Roots } from './comparison.ts';
import { mergedParts, partsOf } from './merged-parts.ts';
import {
  fewValues,
  type JsonSchema,
  type Keywords,
  namedValues,
  propertiesOf,
  requiredOf,
} from './schema-parts.ts';

/**
 * What was written, one schema for each value of a field by which the reader tells its alternatives apart; `undefined`
 * where there is no such field.
 */
export function kindByKind(
  written: Keywords,
  choices: readonly JsonSchema[],
  roots: Roots,
): readonly Keywords[] | undefined {
  const properties = propertiesOf(written, 'properties');
  for (const key of requiredOf(written)) {
    const field = properties.get(key);
    const values = typeof field === 'object' ? fewValues(field) : undefined;
    if (values === undefined || values.length < 2) continue;
    if (!choices.some((choice) => namesValues(choice, key, roots.reader))) continue;
    return values.map((value) => ({
      ...written,
      properties: Object.fromEntries([...properties, [key, { const: value }]]),
    }));
  }
  return undefined;
}

function namesValues(choice: JsonSchema, key: string, root: JsonSchema): boolean {
  const whole = mergedParts(partsOf(choice, root));
  const field = typeof whole === 'boolean' ? undefined : propertiesOf(whole, 'properties').get(key);
  return typeof field === 'object' && namedValues(field) !== undefined;
}

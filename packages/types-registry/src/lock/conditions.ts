import { checksMark, type Keywords } from './schema-parts.ts';

/** The conditions and transforms of a value that no JSON Schema expresses, each as often as it has it. */
export function conditionsOf(schema: Keywords): readonly string[] {
  return (schema[checksMark] ?? []) as readonly string[];
}

/** What of `wanted` is not in `there`, counting each as often as it occurs. */
export function missingFrom(there: readonly string[], wanted: readonly string[]): readonly string[] {
  const left = [...there];
  return wanted.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

export function conditionProblems(written: Keywords, reader: Keywords): readonly string[] {
  const more = missingFrom(conditionsOf(written), conditionsOf(reader));
  if (more.length === 0) return [];
  const which = [...new Set(more)].join(', ');
  return [
    `it has a condition or transform more now (${which}), which cannot be compared with what was written`,
  ];
}

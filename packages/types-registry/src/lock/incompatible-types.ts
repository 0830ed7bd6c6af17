import { conditionProblems } from './conditions.ts';
import { type Keywords, namedValues, typeMark, typesOf } from './schema-parts.ts';

/** The types that are written and not taken. */
export function typeProblems(written: Keywords, reader: Keywords): readonly string[] {
  return [
    ...markProblems(written, reader),
    ...typeNameProblems(written, reader),
    ...conditionProblems(written, reader),
  ];
}

/** Types that JSON has not are compared by their names. */
function markProblems(written: Keywords, reader: Keywords): readonly string[] {
  const was = written[typeMark];
  const now = reader[typeMark];
  if (was === now || readsAsDate(written, now)) return [];
  if (now === undefined)
    return typesOf(reader) === undefined ? [] : [`${was} was written, which is not taken now`];
  return [`${now} is demanded now, which cannot be compared with what was written`];
}

function typeNameProblems(written: Keywords, reader: Keywords): readonly string[] {
  if (written[typeMark] !== undefined) return [];
  const allowed = namedValues(reader);
  if (allowed !== undefined)
    return [`only ${allowed.map((value) => JSON.stringify(value)).join(', ')} is taken now`];
  const taken = typesOf(reader);
  if (taken === undefined) return [];
  const given = typesOf(written);
  const accepted = taken.join(' or ');
  if (given === undefined) return [`any type may have been written, and only ${accepted} is taken now`];
  return given
    .filter((type) => !taken.includes(type) && !(type === 'integer' && taken.includes('number')))
    .map((type) => `${type} was written, and only ${accepted} is taken now`);
}

/** `new Date` takes a date, and text in the form that the pattern of zod's ISO 8601 dates has. */
function readsAsDate(written: Keywords, now: unknown): boolean {
  if (now !== 'date, coerced') return false;
  const isText =
    ['date-time', 'date'].includes(String(written['format'])) && written['pattern'] !== undefined;
  return written[typeMark] === 'date' || (written['type'] === 'string' && isText);
}

import { lostInRoundTrip } from '@pipit/types-registry';

/** A value as it will be read again, or what would be lost of it, in words. @throws TypeError for one without an end */
export function jsonCopy(value: unknown): { readonly copy: unknown; readonly lost?: string } {
  if (value === undefined) return { copy: undefined };
  const copy: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
  const lost = lostInRoundTrip(value, copy);
  if (lost === undefined) return { copy };
  return { copy, lost: `at ${lost.path.join('.') || 'its top'}, it ${lost.message}.` };
}

import { InvalidKeyError } from '../repository-errors.ts';

const mostBytes = 512;

/** Whether every implementation can keep the text: PostgreSQL has no NUL in texts, and UTF-8 no lone surrogates. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Whether there can be a row of this key. */
export function isKey(key: unknown): key is string {
  return reasonAgainst(key) === undefined;
}

/** @throws InvalidKeyError */
export function checkKey(view: string, key: unknown): void {
  const reason = reasonAgainst(key);
  if (reason !== undefined) throw new InvalidKeyError(view, key, reason);
}

function reasonAgainst(key: unknown): string | undefined {
  if (typeof key !== 'string') return `it is of type ${typeof key}`;
  if (key === '') return 'it is empty';
  if (key.includes('\0')) return 'it contains NUL';
  if (!key.isWellFormed()) return 'it is cut within a character';
  // No text has more bytes than three times its length.
  const bytes = key.length * 3 > mostBytes ? Buffer.byteLength(key) : 0;
  return bytes > mostBytes ? `it has ${bytes} bytes` : undefined;
}

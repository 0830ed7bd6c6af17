import { inspect } from 'node:util';
import type { ErrorFacts } from '../operations.ts';

const longestName = 200;
const longestMessage = 2_000;

/** What is kept of whatever was thrown, also where looking at it throws again. */
export function errorFacts(thrown: unknown): ErrorFacts {
  try {
    if (!(thrown instanceof Error)) {
      return { name: 'Error', message: cut(`not an Error was thrown: ${inspect(thrown)}`, longestMessage) };
    }
    const { code } = thrown as { readonly code?: unknown };
    const facts = {
      name: cut(String(thrown.name), longestName),
      message: cut(String(thrown.message), longestMessage),
    };
    const hasCode = typeof code === 'string' || typeof code === 'number';
    return hasCode ? { ...facts, code: cut(String(code), longestName) } : facts;
  } catch {
    return { name: 'Error', message: 'what was thrown cannot be shown' };
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}

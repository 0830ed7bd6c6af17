import type { AttemptError } from '../../dead-letters.ts';
import type { History } from '../../delivery/history.ts';

/** JSON, with times as ISO 8601 text. */
export function encodeHistory(history: History): string {
  return JSON.stringify(history);
}

export function decodeHistory(text: string): History {
  const { errors, omitted, forgiven, ended, begun } = JSON.parse(text) as History;
  return {
    errors: errors.map((error): AttemptError => ({ ...error, at: new Date(error.at) })),
    ...(omitted !== undefined && { omitted }),
    ...(forgiven !== undefined && { forgiven }),
    ...(ended !== undefined && { ended }),
    ...(begun !== undefined && { begun: { ...begun, at: new Date(begun.at) } }),
  };
}

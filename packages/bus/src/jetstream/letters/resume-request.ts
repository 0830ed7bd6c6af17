import { readDeadSubject } from './dead-stream.ts';

/** What somebody decided about a letter. */
export interface Decision {
  readonly what: 'redrive' | 'discard';
  /** Where the letter lay in its stream: what became a dead letter again since is not meant. */
  readonly letter: number;
}

/** Asks a group to carry out what was decided about a letter, and to go on with the letter's key. */
export interface ResumeRequest {
  /** Its place in the stream of dead letters. */
  readonly sequence: number;
  readonly key: string;
  readonly position: number;
  readonly decision: Decision | undefined;
}

export function decodeResume(sequence: number, subject: string, body: string): ResumeRequest {
  const { key, position } = readDeadSubject(subject);
  return { sequence, key, position, decision: decisionFrom(body) };
}

function decisionFrom(body: string): Decision | undefined {
  try {
    const { what, letter } = JSON.parse(body) as { readonly [name in keyof Decision]?: unknown };
    if ((what === 'redrive' || what === 'discard') && typeof letter === 'number') return { what, letter };
  } catch {
    // Nothing of Pipit's: to look through the key again harms nobody.
  }
  return undefined;
}

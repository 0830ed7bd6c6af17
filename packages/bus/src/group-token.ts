import { encodeToken, InvalidSubjectTokenError } from '@pipit/types-registry';
import { tokenText } from './token-text.ts';

/** What nats-server takes for the name of a consumer. */
const longestName = 255;

/**
 * Names a group where it lies on the server: `<group>` for the store's events, `<group>@<topic>` for those of a topic,
 * so that the same name can be used for both. Each part is a subject token, in which there is no `@`.
 *
 * @throws InvalidSubjectTokenError
 */
export function groupToken(group: string, topic?: string): string {
  const token = encodeToken('group', group);
  if (topic === undefined) return token;
  const both = `${token}@${encodeToken('topic', topic)}`;
  if (both.length <= longestName) return both;
  const reason = `with topic ${topic} it takes ${both.length} bytes, and a consumer's name at most ${longestName}`;
  throw new InvalidSubjectTokenError('group', group, reason);
}

/** To be shown: what Pipit never wrote stays as it is. */
export function readGroupToken(text: string): { readonly group: string; readonly topic: string | undefined } {
  const [group = '', topic] = text.split('@');
  return { group: tokenText(group), topic: topic === undefined ? undefined : tokenText(topic) };
}

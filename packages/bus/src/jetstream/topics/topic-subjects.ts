import { decodeToken, encodeToken, InvalidSubjectTokenError, requireStoreName } from '@pipit/types-registry';
import { topicsStream } from '../../topic-event.ts';

/** Matches every event of a topic: what a group's consumer filters by. @throws InvalidSubjectTokenError */
export function topicFilter(store: string, topic: string): string {
  return `${topicsStream(requireStoreName(store))}.${encodeToken('topic', topic)}.*`;
}

/** Topic and key of a subject in the stream of topics. @throws InvalidSubjectTokenError for any other subject */
export function topicOfSubject(subject: string): { readonly topic: string; readonly key: string } {
  const [, topic = '', key = '', ...rest] = subject.split('.');
  if (rest.length > 0 || key === '') {
    throw new InvalidSubjectTokenError('subject', subject, 'it is not one of a topic and a key');
  }
  return { topic: decodeToken('topic', topic), key: decodeToken('key', key) };
}

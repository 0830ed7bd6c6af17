import { type AggregateRef, decodeToken } from '@pipit/types-registry';
import { tokenText } from './token-text.ts';

/** The aggregate of a key: `<type's token>.<id's token>`. @throws InvalidSubjectTokenError for what Pipit never wrote */
export function aggregateOfKey(key: string): AggregateRef {
  const [type = '', id = ''] = key.split('.');
  return { type: decodeToken('aggregate type', type), id: decodeToken('aggregate id', id) };
}

/** The same to be shown to people: of a key that Pipit never wrote, the tokens as they are. */
export function shownAggregate(key: string): AggregateRef {
  const [type = '', id = ''] = key.split('.');
  return { type: tokenText(type), id: tokenText(id) };
}

/** The type of the aggregate of a key, as a token. */
export function typeOfKey(key: string): string {
  return key.slice(0, key.indexOf('.'));
}

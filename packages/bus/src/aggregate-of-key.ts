import { type AggregateRef, decodeToken } from '@pipit/types-registry';

/** The aggregate of a key: `<type's token>.<id's token>`. @throws InvalidSubjectTokenError for what Pipit never wrote */
export function aggregateOfKey(key: string): AggregateRef {
  const [type = '', id = ''] = key.split('.');
  return { type: decodeToken('aggregate type', type), id: decodeToken('aggregate id', id) };
}

/** The type of the aggregate of a key, as a token. */
export function typeOfKey(key: string): string {
  return key.slice(0, key.indexOf('.'));
}

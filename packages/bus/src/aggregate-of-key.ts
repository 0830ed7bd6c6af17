import { type AggregateRef, decodeToken } from '@pipit/types-registry';

/** The aggregate of a key: `<type's token>.<id's token>`. @throws InvalidSubjectTokenError for what Pipit never wrote */
export function aggregateOfKey(key: string): AggregateRef {
  const [type = '', id = ''] = key.split('.');
  return { type: decodeToken('aggregate type', type), id: decodeToken('aggregate id', id) };
}

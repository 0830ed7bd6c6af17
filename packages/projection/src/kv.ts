export { type KvBucketSettings, type KvRepositoryOptions, kvRepository } from './kv/kv-repository.ts';
export { RowTooLargeError } from './kv/row-too-large-error.ts';

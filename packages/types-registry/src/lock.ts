export {
  checkSchemaLock,
  defaultLockFile,
  SchemaLockError,
  type SchemaLockOptions,
  type WriteSchemaLockOptions,
  writeSchemaLock,
} from './lock/lock-file.ts';

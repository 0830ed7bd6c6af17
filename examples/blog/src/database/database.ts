import { join } from 'node:path';
import { type AppConfig, definePart } from '@pipit/bootstrap';
import { openDatabase } from './open-database.ts';

/** Where the one in this process has its files. */
export const viewsFolder = ({ dataDir }: Pick<AppConfig, 'dataDir'>) => join(dataDir, 'views');

/** What views are kept in: the PostgreSQL of `DATABASE_URL`, or one in this process. */
export const database = definePart('database', {
  start: ({ config }) => openDatabase({ url: config.databaseUrl?.reveal(), folder: viewsFolder(config) }),
  stop: ({ close }) => close(),
  check: ({ db }) => db.query('SELECT 1'),
});

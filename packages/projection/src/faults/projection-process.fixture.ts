import { connect } from '@nats-io/transport-node';
import { jetStreamStore } from '@pipit/store/jetstream';
import pg from 'pg';
import { User } from '../blog.fixture.ts';
import { pgDatabase } from '../postgres.ts';
import { runProjection } from '../run/run-projection.ts';
import { countedNames } from './counted-names.fixture.ts';

/** A process that takes part in the projection until it is killed. */
const [servers = '', database = ''] = process.argv.slice(2);
const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
const store = await jetStreamStore({ connection, name: 'blog', aggregates: [User] });
const db = pgDatabase(new pg.Pool({ connectionString: database, max: 4 }));
const projection = runProjection(store, countedNames(db, { shards: 4 }), { lease: 500 });
await projection.closed;

import { notShipped, default as written } from './dependency-rules.mjs';

/** What gets loaded: imports that are gone when the program runs do not count. */

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-driver-from-root',
      comment: 'A root entry loads no NATS client and no database; what does is a subpath',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/index\\.ts$', pathNot: '^packages/bootstrap/' },
      to: { path: '(^|node_modules/)(@nats-io|@electric-sql|pg)(/|$)', reachable: true },
    },
  ],
  options: {
    ...written.options,
    tsPreCompilationDeps: false,
    exclude: { path: [written.options.exclude.path, notShipped] },
  },
};

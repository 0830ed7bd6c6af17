import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What may be written: every import counts, also `import type`. What gets loaded is in runtime-rules.mjs. */

/** Files that are not published, so that they may put implementations together. */
export const notShipped = '\\.(test|test-d|fixture|bench)\\.ts$';

/** The way data flows. A package knows only what stands before it. */
const below = {
  'types-registry': [],
  'nats-server': [],
  store: ['types-registry'],
  bus: ['types-registry', 'store'],
  projection: ['types-registry', 'store', 'bus'],
  saga: ['types-registry', 'store', 'bus'],
  bootstrap: ['types-registry', 'nats-server', 'store', 'bus', 'projection', 'saga'],
};

const ports = 'types-registry|store|bus|projection|saga';
const shipped = (name) => ({ path: `^packages/(${name})/src/`, pathNot: notShipped });

/** Resolved to its source when it belongs to the workspace, or anywhere below node_modules. */
const moduleOf = (dependency) =>
  dependency.startsWith('@pipit/')
    ? `^(packages/)?${dependency.slice('@pipit/'.length)}/`
    : `(^|node_modules/)${dependency}(/|$)`;

const oneWay = Object.entries(below).map(([name, known]) => ({
  name: 'data-flows-one-way',
  comment: `${name} may know ${known.join(', ') || 'no other package'}`,
  severity: 'error',
  from: shipped(name),
  to: { path: '^(packages|examples)/', pathNot: `^packages/(${[name, ...known].join('|')})/` },
}));

const developmentOnly = (workspace) =>
  globSync('packages/*/package.json', { cwd: workspace }).map((file) => {
    const { dependencies, peerDependencies, devDependencies } = JSON.parse(
      readFileSync(join(workspace, file), 'utf8'),
    );
    const installed = { ...dependencies, ...peerDependencies, '@types/node': '' };
    const absent = Object.keys(devDependencies ?? {}).filter((name) => !(name in installed));
    return {
      name: 'no-development-dependency-shipped',
      comment: 'A consumer does not have it, and its types would be missing from the declarations',
      severity: 'error',
      from: { path: `^${dirname(file)}/src/`, pathNot: notShipped },
      to: { path: absent.length > 0 ? absent.map(moduleOf) : '^$' },
    };
  });

/** @type {import('dependency-cruiser').IConfiguration} */
export const rulesOf = (workspace) => ({
  forbidden: [
    ...oneWay,
    ...developmentOnly(workspace),
    {
      name: 'types-only-between-packages',
      comment: 'Implementations are handed in: import the type, take the value as a parameter',
      severity: 'error',
      from: shipped(ports),
      to: {
        path: '^packages/',
        pathNot: '^packages/($1|types-registry)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'root-entry-between-packages',
      comment: 'A subpath touches the outside, so no other package may know it',
      severity: 'error',
      from: shipped(ports),
      to: { path: '^packages/', pathNot: '^packages/($1/|[^/]+/src/index\\.ts$)' },
    },
    {
      name: 'public-entries-only',
      comment: 'Import another package by its name: what its exports do not offer is its own',
      severity: 'error',
      from: { path: '^((packages|examples)/[^/]+)/' },
      to: { path: '^(packages|examples|tooling)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-nats-in-types-registry',
      severity: 'error',
      from: { path: '^packages/types-registry/' },
      to: { path: '(^|node_modules/)@nats-io/|^packages/nats-server/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-catch-all-name',
      comment: 'Name it after its subject',
      severity: 'error',
      // A rule about a module needs a condition; this one holds for all.
      module: { path: '(^|/)(utils?|helpers?|common)(/|\\.)', numberOfDependentsLessThan: 100 },
      from: {},
    },
    {
      name: 'no-barrel-below-root',
      severity: 'error',
      module: { path: '^(packages|examples)/[^/]+/src/.+/index\\.ts$', numberOfDependentsLessThan: 100 },
      from: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // tsup writes its configuration as a module for a moment.
    exclude: { path: '(^|/)(dist|\\.readme)/|\\.bundled_[^/]+\\.mjs$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
      extensions: ['.ts', '.d.ts', '.mts', '.d.mts', '.js', '.mjs'],
    },
  },
});

export default rulesOf('.');

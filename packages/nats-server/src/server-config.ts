import { InvalidServerOptionError } from './errors.ts';

export type NatsConfigValue =
  | string
  | number
  | boolean
  | readonly NatsConfigValue[]
  | { readonly [key: string]: NatsConfigValue };

/** Settings as in nats-server's configuration file, sizes in bytes. */
export type NatsConfig = { readonly [key: string]: NatsConfigValue };

/** What this package sets itself, and what to use instead of setting it by hand. */
const TAKEN: Readonly<Record<string, string>> = {
  host: 'the server listens on 127.0.0.1 only',
  net: 'the server listens on 127.0.0.1 only',
  addr: 'the server listens on 127.0.0.1 only',
  listen: 'use the option `port`',
  port: 'use the option `port`',
  http: 'the monitoring port is chosen freely, see `monitorUrl`',
  http_port: 'the monitoring port is chosen freely, see `monitorUrl`',
  monitor_port: 'the monitoring port is chosen freely, see `monitorUrl`',
  https: 'the monitoring port is chosen freely, see `monitorUrl`',
  https_port: 'the monitoring port is chosen freely, see `monitorUrl`',
  log_file: 'use the option `logFile`',
  logfile: 'use the option `logFile`',
  syslog: 'use the option `logFile`',
  store_dir: 'use the option `storeDir`',
  storedir: 'use the option `storeDir`',
  server_name: 'it belongs to startNatsServer and startNatsCluster',
  cluster: 'use startNatsCluster',
};

const TAKEN_IN_JETSTREAM: Readonly<Record<string, string>> = {
  store_dir: 'use the option `storeDir`',
  storedir: 'use the option `storeDir`',
  store: 'use the option `storeDir`',
  enabled: 'use the option `jetStream`',
  enable: 'use the option `jetStream`',
};

export interface OwnSettings {
  readonly port: number;
  readonly monitorPort: number;
  readonly storeDir: string;
  readonly jetStream: boolean;
  /** Path of a configuration file, relative to the one that is written. */
  readonly include?: string;
  readonly cluster?: {
    readonly serverName: string;
    readonly name: string;
    readonly routePort: number;
    readonly routes: readonly string[];
  };
}

/** Refuses settings that this package makes itself; everything else is nats-server's to judge. */
export function checkConfig(config: NatsConfig, jetStream: boolean): void {
  for (const [key, value] of Object.entries(config)) {
    const taken = TAKEN[key.toLowerCase()];
    if (taken !== undefined) throw new InvalidServerOptionError(`config.${key}`, value, taken);
    if (key.toLowerCase() !== 'jetstream') continue;
    if (!isSection(value)) {
      throw new InvalidServerOptionError(
        `config.${key}`,
        value,
        'give an object; to turn it off use `jetStream`',
      );
    }
    if (!jetStream) {
      throw new InvalidServerOptionError(`config.${key}`, value, 'it is turned off by `jetStream: false`');
    }
    for (const [inner, innerValue] of Object.entries(value)) {
      const takenInner = TAKEN_IN_JETSTREAM[inner.toLowerCase()];
      if (takenInner !== undefined) {
        throw new InvalidServerOptionError(`config.${key}.${inner}`, innerValue, takenInner);
      }
    }
  }
}

/**
 * The whole configuration file: one setting a line, the values as JSON, which nats-server reads. What is included comes
 * first, because of a setting that stands twice the server takes the last.
 */
export function renderConfig(own: OwnSettings, config: NatsConfig): string {
  const settings: [string, NatsConfigValue][] = [
    ['host', '127.0.0.1'],
    ['port', own.port],
    ['http', `127.0.0.1:${own.monitorPort}`],
  ];
  if (own.cluster !== undefined) {
    const { serverName, name, routePort, routes } = own.cluster;
    settings.push(
      ['server_name', serverName],
      ['cluster', { name, listen: `127.0.0.1:${routePort}`, routes }],
    );
  }
  let jetStream: NatsConfig = {};
  for (const [key, value] of Object.entries(config)) {
    if (key.toLowerCase() === 'jetstream' && isSection(value)) jetStream = value;
    else settings.push([key, value]);
  }
  if (own.jetStream) settings.push(['jetstream', { ...jetStream, store_dir: own.storeDir }]);
  const included = own.include === undefined ? '' : `include ${JSON.stringify(own.include)}\n`;
  return (
    included + settings.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}\n`).join('')
  );
}

function isSection(value: NatsConfigValue): value is NatsConfig {
  return typeof value === 'object' && !Array.isArray(value);
}

export {
  type FindAttempt,
  InvalidServerOptionError,
  NatsServerError,
  NatsServerNotFoundError,
  NatsServerStartError,
  NatsServerStoppedError,
  NatsServerVersionError,
  PortInUseError,
  StoreInUseError,
  UnsupportedPlatformError,
} from './errors.ts';
export { type FindOptions, type FoundNatsServer, findNatsServer } from './find-nats-server.ts';
export type { NatsServer, ServerExit } from './nats-server.ts';
export type { NatsConfig, NatsConfigValue } from './server-config.ts';
export { type ClusterOptions, type NatsCluster, startNatsCluster } from './start-nats-cluster.ts';
export { type StartOptions, startNatsServer } from './start-nats-server.ts';

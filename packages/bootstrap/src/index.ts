export type { App, AppOptions } from './app.ts';
export type {
  AppConfig,
  ConfigOptions,
  HttpOptions,
  LogLevel,
  NatsOptions,
  TlsFiles,
  VariablesSchema,
} from './config/config.ts';
export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export { duration, secret } from './config/config-fields.ts';
export { type ReadConfigOptions, readConfig } from './config/read-config.ts';
export { Secret } from './config/secret.ts';
export { createApp } from './create-app.ts';
export { findRow } from './http/find-row.ts';
export { type Get, PartError } from './lifecycle/container.ts';
export type { Health, PartHealth } from './lifecycle/health.ts';
export { StartInterruptedError, type Stop, StopError } from './lifecycle/lifecycle.ts';
export { definePart, type Part, type PartContext, type PartOptions } from './lifecycle/part.ts';
export type { SuperviseOptions } from './lifecycle/supervise.ts';
export type { Login } from './nats/login.ts';
export { type RunningProjections, UnknownProjectionError } from './projections/running-projections.ts';
export type { Answered, IncomingRequest, Telemetry } from './telemetry/telemetry.ts';

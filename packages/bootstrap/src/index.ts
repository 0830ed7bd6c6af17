export type { App, AppOptions } from './app.ts';
export type {
  AppConfig,
  ConfigOptions,
  HttpOptions,
  LogLevel,
  NatsOptions,
  TlsFiles,
  VariablesSchema,
} from './config.ts';
export { ConfigError, type ConfigProblem, UnknownProjectionError } from './config-error.ts';
export { duration, secret } from './config-fields.ts';
export { type Get, PartError } from './container.ts';
export { createApp } from './create-app.ts';
export type { Health, PartHealth } from './health.ts';
export { findRow } from './http/find-row.ts';
export { StartInterruptedError, type Stop, StopError } from './lifecycle.ts';
export type { Login } from './login.ts';
export { definePart, type Part, type PartContext, type PartOptions } from './part.ts';
export { type ReadConfigOptions, readConfig } from './read-config.ts';
export type { RunningProjections } from './running-projections.ts';
export { Secret } from './secret.ts';
export type { SuperviseOptions } from './supervise.ts';
export type { Answered, IncomingRequest, Telemetry } from './telemetry/telemetry.ts';

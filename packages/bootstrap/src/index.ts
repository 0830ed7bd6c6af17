export type { App, AppOptions } from './app.ts';
export type { AppConfig, ConfigOptions, LogLevel, NatsOptions, TlsFiles } from './config.ts';
export { ConfigError, type ConfigProblem } from './config-error.ts';
export { createApp } from './create-app.ts';
export { StartInterruptedError, type Stop, StopError } from './lifecycle.ts';
export type { RunningProjections } from './running-projections.ts';
export type { Answered, IncomingRequest, Telemetry } from './telemetry/telemetry.ts';

import type { RequestMiddleware } from '../../commands/request-middleware.ts';
import type { Commands } from '../../commands.ts';

export interface CommandInstanceOptions {
  readonly use?: readonly RequestMiddleware[];
}

/** Where instances reach each other, as processes of one system do. */
export interface OpenedCommands {
  instance(options?: CommandInstanceOptions): Promise<Commands>;
  /** Lines of all instances, level and message. */
  readonly log: readonly string[];
  /** Bytes a message may take. */
  readonly maxPayload: number;
  /** Stops the instances, and what they stand on. */
  close(): Promise<void>;
}

export type CommandsOfTest = () => OpenedCommands & { readonly commands: Commands };

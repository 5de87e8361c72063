import type { StorageBackend } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import type { Command } from 'commander';
import type { CommandContext } from './command-context.js';

/** A backend that is part of the command. */
export interface BuiltIn {
  readonly backend: BackendDefinition;
  /** Adds commands for stores of this backend only. */
  readonly addCommands?: (program: Command, context: CommandContext) => void;
  /** Opens a file that the command only reads, at any schema level. Default: the backend opens it. */
  readonly openReadOnly?: (path: string, signal: AbortSignal) => Promise<StorageBackend>;
  /** Additions to the general help. */
  readonly help?: {
    /** Paragraph below the connection strings. */
    readonly note: string;
    readonly examples: readonly string[];
  };
}

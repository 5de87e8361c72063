import type { Environment, SwitchyardContainer } from '@switchyard/storage-container/standalone';
import { type CreateOptions, DocumentStore, type StorageBackend } from '@switchyard/storage-core';
import { secretsOf } from '@switchyard/storage-core/backend';
import type { BackendPackages } from './backend-packages/backend-packages.js';
import type { BuiltIn } from './built-in.js';
import type { Settings } from './config/settings.js';
import type { Output } from './output/output.js';

/** Environment of every command. */
export interface CommandContext {
  readonly switchyard: SwitchyardContainer;
  /** Packages of further backends. */
  readonly backendPackages: BackendPackages;
  /** Backends that are part of the command. */
  readonly builtIns: readonly BuiltIn[];
  readonly output: Output;
  readonly env: Environment;
  /** Defaults from the environment and the configuration file. */
  readonly settings: Settings;
  /** Standard input, for `--queries -`. */
  readonly stdin: AsyncIterable<Buffer | string>;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Opens a backend, which is closed with the container. Its secrets are removed from all output. */
export async function openBackend(
  { switchyard, output, signal }: CommandContext,
  connectionString: string,
  options: CreateOptions,
): Promise<StorageBackend> {
  const connection = switchyard.parse(connectionString);
  output.protect(secretsOf(connection));
  return switchyard.openBackend(connectionString, { ...options, signal });
}

/** Opens an existing store for reading: a mistyped name must not create one. */
export async function openForReading(
  context: CommandContext,
  connectionString: string,
): Promise<DocumentStore> {
  const backend = await openBackend(context, connectionString, { mustExist: true });
  return DocumentStore.open({ backend, signal: context.signal });
}

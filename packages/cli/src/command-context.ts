import type { Environment, SwitchyardContainer } from '@switchyard/storage-container';
import { type CreateOptions, DocumentStore, type StorageBackend } from '@switchyard/storage-core';
import type { Output } from './output/output.js';

/** What every command works with. */
export interface CommandContext {
  readonly switchyard: SwitchyardContainer;
  readonly output: Output;
  readonly env: Environment;
  /** Standard input, for `--queries -`. */
  readonly stdin: AsyncIterable<Buffer | string>;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Opens a backend. Its token is kept out of everything that is printed. Closed with the container. */
export async function openBackend(
  { switchyard, output, signal }: CommandContext,
  connectionString: string,
  options: CreateOptions,
): Promise<StorageBackend> {
  output.protect(switchyard.parse(connectionString).authToken);
  return switchyard.openBackend(connectionString, { ...options, signal });
}

/** Opens an existing store to read it: a mistyped name must not create one. */
export async function openForReading(
  context: CommandContext,
  connectionString: string,
): Promise<DocumentStore> {
  const backend = await openBackend(context, connectionString, { mustExist: true });
  return DocumentStore.open({ backend, signal: context.signal });
}

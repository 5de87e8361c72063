import { dirname } from 'node:path';
import type { Environment } from '@switchyard/storage-container/standalone';
import { type Connection, isStorageError, parseConnectionString } from '@switchyard/storage-core';
import { type BackendDefinition, secretsOf } from '@switchyard/storage-core/backend';
import { configError } from './config-error.js';
import type { FoundConfig } from './find-config.js';
import type { ConfigValues } from './keys.js';
import { resolveStorePath } from './store-path.js';

/** Environment variable with the default of STORE. */
export const STORE_VARIABLE = 'SWITCHYARD_STORE';

/** Origin of the connection string that a command uses. */
export type StoreOrigin = 'argument' | 'environment' | 'configuration';

/** A connection string and its origin. */
export interface ChosenStore {
  readonly store: string;
  readonly from: StoreOrigin;
}

/** Input of {@link Settings}. */
export interface SettingsInput {
  readonly env: Environment;
  /** Folder in which the search for a configuration file begins. */
  readonly cwd: string;
  readonly definitions: readonly BackendDefinition[];
}

/** Defaults from the environment and from a configuration file, which is searched for when one is needed. */
export class Settings {
  readonly #input: SettingsInput;
  #config: Promise<FoundConfig | null> | undefined;

  constructor(input: SettingsInput) {
    this.#input = input;
  }

  /** Makes the command behave as if there were no configuration file. */
  ignoreFile(): void {
    this.#config = Promise.resolve(null);
  }

  /** Returns the configuration file, with the path of its store resolved; null if there is none. */
  file(): Promise<FoundConfig | null> {
    this.#config ??= this.#load();
    return this.#config;
  }

  /** Returns a value of the configuration file. */
  async value<Key extends keyof ConfigValues>(key: Key): Promise<ConfigValues[Key]> {
    return (await this.file())?.values[key];
  }

  /** Returns the store of the environment, else of the configuration file, else null. */
  async store(): Promise<ChosenStore | null> {
    const fromEnvironment = this.#input.env[STORE_VARIABLE]?.trim() ?? '';
    if (fromEnvironment !== '') return { store: fromEnvironment, from: 'environment' };
    const store = await this.value('store');
    return store === undefined ? null : { store, from: 'configuration' };
  }

  async #load(): Promise<FoundConfig | null> {
    const { findConfig } = await import('./find-config.js');
    const found = await findConfig(this.#input.cwd);
    if (found?.values.store === undefined) return found;
    return { ...found, values: { ...found.values, store: this.#checkStore(found.values.store, found) } };
  }

  /** @throws CliError `CLI_CONFIG` for an invalid connection string, or one with a secret. */
  #checkStore(text: string, { file, lines }: FoundConfig): string {
    const { definitions } = this.#input;
    const place = { file, line: lines.store ?? null };
    let connection: Connection;
    try {
      // Without the environment, whose token is not in the file.
      connection = parseConnectionString(text, { backends: definitions });
    } catch (error) {
      if (!isStorageError(error, 'STORAGE_CONNECTION_STRING')) throw error;
      throw configError(error.message, place, 'Correct the connection string.', error);
    }
    if (secretsOf(connection).length > 0) {
      throw configError(
        'The connection string contains a secret, and secrets are not read from configuration files.',
        place,
        'Remove it from the connection string, and set the environment variable LIBSQL_AUTH_TOKEN.',
      );
    }
    return resolveStorePath(text, connection, dirname(file), definitions);
  }
}

import { dirname, resolve } from 'node:path';
import type { Environment, SwitchyardContainer } from '@switchyard/storage-container/standalone';
import { type Connection, isStorageError, parseConnectionString } from '@switchyard/storage-core';
import { type BackendDefinition, secretsOf } from '@switchyard/storage-core/backend';
import { CliError } from '../cli-error.js';
import { configError } from './config-error.js';
import type { FoundConfig } from './find-config.js';
import type { ConfigValues } from './keys.js';
import { resolveStorePath } from './store-path.js';
import { mayLoadCode } from './trust.js';

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
  readonly switchyard: Pick<SwitchyardContainer, 'definitions'>;
}

/** Packages of backends that a configuration file lists. */
export interface ListedBackends {
  readonly packages: readonly string[];
  /** Absolute path of the configuration file. */
  readonly file: string;
  /** True if the file may load code: it was named with `--config`, is in the working folder, or is trusted. */
  readonly isTrusted: boolean;
}

/** Defaults from the environment and from a configuration file, which is searched for when one is needed. */
export class Settings {
  readonly #input: SettingsInput;
  /** File of `--config`. */
  #named: string | undefined;
  #parsed: Promise<FoundConfig | null> | undefined;
  #checked: Promise<FoundConfig | null> | undefined;

  constructor(input: SettingsInput) {
    this.#input = input;
  }

  /** Makes the command behave as if there were no configuration file. */
  ignoreFile(): void {
    this.#parsed = Promise.resolve(null);
  }

  /** Uses this file instead of searching for one. */
  useFile(path: string): void {
    this.#named = resolve(this.#input.cwd, path);
  }

  /**
   * Returns the packages of backends that the configuration file lists; null without one. A file that cannot be used is
   * reported when the command needs one of its defaults.
   *
   * @throws CliError `CLI_CONFIG` for a file of `--config` that cannot be used.
   */
  async backends(): Promise<ListedBackends | null> {
    const found = await this.content().catch((error: unknown) => {
      if (this.#named !== undefined || !(error instanceof CliError)) throw error;
      return null;
    });
    const packages = found?.values.backends ?? [];
    if (found === null || packages.length === 0) return null;
    const { cwd, env } = this.#input;
    const isTrusted = this.#named !== undefined || mayLoadCode(found.file, cwd, env);
    return { packages, file: found.file, isTrusted };
  }

  /**
   * Returns the configuration file, with the path of its store resolved; null if there is none. The backends of the file
   * must have been registered before.
   */
  file(): Promise<FoundConfig | null> {
    this.#checked ??= this.#check();
    return this.#checked;
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

  /** Returns the configuration file as it is, without checking its store; null if there is none. */
  content(): Promise<FoundConfig | null> {
    this.#parsed ??= this.#read();
    return this.#parsed;
  }

  async #read(): Promise<FoundConfig | null> {
    const { findConfig, readConfig } = await import('./find-config.js');
    return this.#named === undefined ? findConfig(this.#input.cwd) : readConfig(this.#named);
  }

  async #check(): Promise<FoundConfig | null> {
    const found = await this.content();
    if (found?.values.store === undefined) return found;
    return { ...found, values: { ...found.values, store: this.#checkStore(found.values.store, found) } };
  }

  /** @throws CliError `CLI_CONFIG` for an invalid connection string, or one with a secret. */
  #checkStore(text: string, { file, lines }: FoundConfig): string {
    const { definitions } = this.#input.switchyard;
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
        `Remove it from the connection string, and set the environment variable ${secretVariable(connection, definitions)}.`,
      );
    }
    return resolveStorePath(text, connection, dirname(file), definitions);
  }
}

/** Names the variable that a secret belongs in: that of the server's token, else the one with the whole string. */
function secretVariable({ backend }: Connection, definitions: readonly BackendDefinition[]): string {
  const schemes = definitions.find(({ name }) => name === backend)?.schemes ?? [];
  const [variable] = schemes.flatMap((scheme) =>
    scheme.location === 'memory' ? [] : (scheme.tokenVariables ?? []),
  );
  return variable ?? `${STORE_VARIABLE} to the whole string`;
}

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SwitchyardContainer } from '@switchyard/storage-container/standalone';
import { isStorageError } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { CliError } from '../cli-error.js';
import type { Settings } from '../config/settings.js';
import { TRUSTED_VARIABLE } from '../config/trust.js';

/** A package that should provide backends. */
export interface BackendPackage {
  /** Name of the package, or its path, as given. */
  readonly package: string;
  readonly from: 'argument' | 'configuration';
  /** File that is imported; null if there is none. */
  readonly file: string | null;
  /** `withheld`: listed by a configuration file that may not load code. */
  readonly state: 'loaded' | 'failed' | 'withheld';
  /** Names of its backends, if it was loaded. */
  readonly backends: readonly string[];
  /** Beginnings of the connection strings that they serve. */
  readonly schemes: readonly string[];
  /** Why it was not loaded, and what to do. */
  readonly reason?: string | undefined;
  readonly advice?: string | undefined;
}

/** Input of {@link BackendPackages}. */
export interface BackendPackagesInput {
  readonly switchyard: SwitchyardContainer;
  readonly settings: Settings;
  /** Working folder. */
  readonly cwd: string;
}

type Named = Pick<BackendPackage, 'package' | 'from'> & { readonly folder: string };

/** Backends of other packages: those of `--backend`, and those of a configuration file that may load code. */
export class BackendPackages {
  readonly #input: BackendPackagesInput;
  readonly #packages: BackendPackage[] = [];
  /** File that lists packages but may not load them; null without one. */
  #withheldBy: string | null = null;

  constructor(input: BackendPackagesInput) {
    this.#input = input;
  }

  /** Every package that was named, loaded or not. */
  get packages(): readonly BackendPackage[] {
    return this.#packages;
  }

  /**
   * Loads packages and registers their backends.
   *
   * @param given Values of `--backend`.
   * @param tolerant If true, a package that cannot be used is only recorded.
   * @throws CliError `CLI_BACKEND` for the first package that cannot be used.
   */
  async load(given: readonly string[], { tolerant }: { readonly tolerant: boolean }): Promise<void> {
    const { settings, cwd } = this.#input;
    for (const name of given) {
      await this.#add({ package: name, from: 'argument', folder: cwd }, tolerant);
    }
    const listed = await settings.backends();
    if (listed === null) return;
    for (const name of listed.packages) {
      const one: Named = { package: name, from: 'configuration', folder: dirname(listed.file) };
      if (listed.isTrusted) await this.#add(one, tolerant);
      else await this.#withhold(one, listed.file);
    }
  }

  /** Returns what to do about a connection string whose scheme nobody serves; null for any other error. */
  async adviceFor(error: unknown): Promise<string | null> {
    const scheme = unknownScheme(error) ?? unknownScheme(error instanceof CliError ? error.cause : undefined);
    if (scheme === null) return null;
    if (this.#withheldBy !== null) return withheldAdvice(this.#withheldBy);
    const broken = await this.#input.settings.file().catch((reason: unknown) => reason);
    if (broken instanceof CliError && broken !== error) {
      return `Its backends are unknown, because the configuration file cannot be used: ${broken.message}`;
    }
    const { packagesFor } = await import('./installed-packages.js');
    const [name, ...others] = packagesFor(scheme, this.#input.cwd);
    const add = (what: string) => `pass --backend ${what}, or add it to backends in switchyard.config.yaml`;
    if (name !== undefined) {
      const also = others.length === 0 ? '' : ` (and so do ${others.join(', ')})`;
      return `The installed package ${name} serves ${scheme}:${also}; ${add(name)}.`;
    }
    return `If a package serves ${scheme}:, install it and ${add('PACKAGE')}.`;
  }

  async #add(named: Named, tolerant: boolean): Promise<void> {
    const { folder, ...shown } = named;
    let file: string | null = null;
    try {
      const url = await resolve(named);
      file = fileURLToPath(url);
      if (this.#packages.some((one) => one.file === file && one.state === 'loaded')) return;
      const definitions = await load(named, url);
      this.#register(named, definitions);
      this.#packages.push({
        ...shown,
        file,
        state: 'loaded',
        backends: definitions.map(({ name }) => name),
        schemes: definitions.flatMap(({ schemes }) => schemes.map(({ prefix }) => prefix)),
      });
    } catch (error) {
      if (!(tolerant && error instanceof CliError)) throw error;
      const { message: reason, action: advice } = error;
      this.#packages.push({ ...shown, file, state: 'failed', backends: [], schemes: [], reason, advice });
    }
  }

  async #withhold(named: Named, config: string): Promise<void> {
    this.#withheldBy = config;
    const { folder, ...shown } = named;
    const file = await resolve(named).then(fileURLToPath, () => null);
    this.#packages.push({
      ...shown,
      file,
      state: 'withheld',
      backends: [],
      schemes: [],
      reason:
        'The configuration file is in a folder above the working folder, or belongs to another user, so it loads no code.',
      advice: withheldAdvice(config),
    });
  }

  /** @throws CliError `CLI_BACKEND` for a malformed definition, or one that claims what another backend serves. */
  #register(named: Named, definitions: readonly BackendDefinition[]): void {
    try {
      this.#input.switchyard.register(definitions);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw failure(
        `${shownName(named)} cannot be registered: ${error.message}`,
        `Correct the definition, or leave the package out: ${placeOf(named)}.`,
        error,
      );
    }
  }
}

function unknownScheme(error: unknown): string | null {
  if (!isStorageError(error, 'STORAGE_CONNECTION_STRING')) return null;
  const scheme = error.details?.unknownScheme;
  return typeof scheme === 'string' ? scheme : null;
}

function withheldAdvice(config: string): string {
  return `${config} lists packages of backends, which are not loaded from there: pass --config ${config}, or name that file in ${TRUSTED_VARIABLE}.`;
}

async function resolve(named: Named): Promise<string> {
  const { isPath, resolvePackage } = await import('./resolve-package.js');
  const { package: name, folder } = named;
  try {
    return await resolvePackage(name, folder);
  } catch (error) {
    if (isPath(name)) {
      const message = `${shownName(named)} does not exist in ${folder}.`;
      throw failure(message, `Correct the path: ${placeOf(named)}.`, error);
    }
    throw failure(
      `${shownName(named)} is not installed in ${folder} or above.`,
      `Install it there (npm install ${name}), or correct the name: ${placeOf(named)}. A path begins with ./ or /.`,
      error,
    );
  }
}

async function load(named: Named, url: string): Promise<readonly BackendDefinition[]> {
  const { loadPackage, NoDefinition } = await import('./load-package.js');
  try {
    return await loadPackage(url);
  } catch (error) {
    if (error instanceof NoDefinition) {
      throw failure(
        `${shownName(named)} provides no backend. ${error.message}`,
        'The default export must be a BackendDefinition of @switchyard/storage-core/backend, or a list of them.',
        error,
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw failure(
      `${shownName(named)} failed while it was loaded: ${reason}`,
      `Repair or upgrade the package, or leave it out: ${placeOf(named)}. SWITCHYARD_DEBUG=1 prints where it failed.`,
      error,
    );
  }
}

function failure(message: string, action: string, cause: unknown): CliError {
  return new CliError('CLI_BACKEND', message, action, cause);
}

function shownName(named: Named): string {
  return `The backend package ${named.package}`;
}

function placeOf({ from }: Named): string {
  return from === 'argument' ? '--backend' : 'backends in the configuration file';
}

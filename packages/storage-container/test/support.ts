import type { Connection, CreateOptions } from '@switchyard/storage-core';
import { type BackendReport, type Capabilities, StorageError } from '@switchyard/storage-core';
import type { BackendDefinition, OptionDefinition } from '@switchyard/storage-core/backend';
import { BackendBase } from '@switchyard/storage-core/backend';

function absent(): never {
  throw new StorageError('STORAGE_NOT_SUPPORTED', 'The lifecycle backend stores nothing.');
}

/** A backend with a real lifecycle, which is all that a container handles, and no store. */
export class LifecycleBackend extends BackendBase {
  readonly contractVersion = 1;
  readonly capabilities = {} as Capabilities;
  readonly migrator = { status: absent, plan: absent, migrate: absent };
  readonly catalog = {} as BackendBase['catalog'];
  readonly vectors = {} as BackendBase['vectors'];
  readonly fts = {} as BackendBase['fts'];
  readonly name: string;
  readonly connection: Connection;
  readonly created: CreateOptions | undefined;
  readonly #log: string[];

  constructor(name: string, connection: Connection, created: CreateOptions | undefined, log: string[]) {
    super();
    this.name = name;
    this.connection = connection;
    this.created = created;
    this.#log = log;
  }

  get #label(): string {
    return this.connection.location.type === 'file' ? this.connection.location.path : this.name;
  }

  protected async doOpen(): Promise<void> {
    this.#log.push(`open ${this.#label}`);
    await new Promise((resolve) => setImmediate(resolve));
    // Fails only the first opening of each name.
    const attempts = this.#log.filter((line) => line === `open ${this.#label}`).length;
    if (this.connection.options.failOpen === true && attempts === 1) {
      throw new StorageError('STORAGE_UNREACHABLE', `${this.#label} does not answer.`);
    }
  }

  protected async doClose(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#log.push(`close ${this.#label}`);
    if (this.connection.options.failClose === true) throw new Error(`${this.#label} is stuck`);
  }

  apply(): never {
    return absent();
  }

  inspect(): Promise<BackendReport> {
    return absent();
  }
}

const options: OptionDefinition[] = [
  { name: 'failOpen', type: 'boolean', description: 'Fails the first opening.' },
  { name: 'failClose', type: 'boolean', description: 'Fails every closing.' },
  { name: 'authToken', type: 'secret', description: 'The token of the server.' },
];

/** Returns a definition that claims `prefix` and records its lifecycle in `log`. */
export function lifecycleDefinition(name: string, prefix: string, log: string[] = []): BackendDefinition {
  const location = prefix.endsWith('//') ? 'server' : 'path';
  return {
    name,
    schemes: [{ prefix, location, example: `${prefix}STORE`, description: `the ${name} backend` }],
    options,
    create: (connection, created) => new LifecycleBackend(name, connection, created, log),
  };
}

import type { BackendDefinition, OptionDefinition, SchemeDefinition } from './definition.js';
import type { ServerForm } from './locations.js';

/** Members of a backend's definition that the parser uses. */
export type KnownBackend = Pick<BackendDefinition, 'name' | 'schemes' | 'options'>;

/** One form of connection string of a backend, with everything that follows from its definition. */
export class ConnectionForm {
  readonly backend: KnownBackend;
  readonly scheme: SchemeDefinition;
  /** Options of the backend and of the scheme. */
  readonly options: readonly OptionDefinition[];
  /** Name of the option for the token; undefined without one. */
  readonly tokenOption: string | undefined;
  /** Name of the option that makes a local file a replica; undefined without one. */
  readonly replicaOption: string | undefined;

  constructor(backend: KnownBackend, scheme: SchemeDefinition) {
    this.backend = backend;
    this.scheme = scheme;
    this.options = [...backend.options, ...(scheme.options ?? [])];
    this.tokenOption = this.options.find(({ type }) => type === 'token')?.name;
    this.replicaOption = this.#replica?.name;
  }

  /** Environment variables that may contain the token. */
  get tokenVariables(): readonly string[] {
    return this.scheme.location === 'memory' ? [] : (this.scheme.tokenVariables ?? []);
  }

  /** True if messages may repeat the path on the server. */
  get showPath(): boolean {
    return this.scheme.location === 'server' && this.scheme.showPath === true;
  }

  /** Example of the address of a server of this backend. */
  get serverExample(): string {
    return this.#servers[0]?.example ?? 'https://HOST';
  }

  /** Form of the address, for a store on a server. */
  ofServer(): ServerForm {
    const { scheme } = this;
    if (scheme.location !== 'server')
      throw new TypeError(`'${scheme.prefix}' is not the scheme of a server.`);
    return this.#form(protocolsOf(scheme), scheme.credentials === true, scheme.example);
  }

  /** Form of the server's address, for a local file that replicates it. */
  ofReplica(): ServerForm {
    const protocols = this.#replica?.protocols ?? this.#servers.flatMap(protocolsOf);
    return this.#form([...new Set(protocols)], false, this.serverExample);
  }

  get #replica(): OptionDefinition | undefined {
    return this.options.find(({ type }) => type === 'server');
  }

  get #servers() {
    return this.backend.schemes.filter((scheme) => scheme.location === 'server');
  }

  #form(protocols: readonly string[], credentials: boolean, example: string): ServerForm {
    const { tokenVariables, tokenOption, replicaOption } = this;
    return { protocols, credentials, example, tokenVariables, tokenOption, replicaOption };
  }
}

/** Protocols of a server's URL: those of the definition, else that of the prefix, such as `libsql:`. */
function protocolsOf(scheme: SchemeDefinition & { readonly location: 'server' }): readonly string[] {
  return scheme.protocols ?? [`${scheme.prefix.split(':')[0]?.toLowerCase()}:`];
}

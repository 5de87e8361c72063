import type { CallOptions, Capabilities } from '@switchyard/storage-core';
import type { TokenSource } from '@switchyard/storage-core/backend';
import type { RemoteDriver } from '../driver/remote-driver.js';
import { schemaStatus } from '../schema/migrate.js';
import type { SearchCacheSizes } from '../search/local-search.js';
import { OwnWrites } from '../server/own-writes.js';
import { serverLimits } from '../server/pack-pages.js';
import { ServerSearch } from '../server/server-search.js';
import { openServer } from '../store/server.js';
import { RemoteSession } from './remote-session.js';
import type { Session } from './session.js';

/** Session of a store on a server: every search and most writes are one request. */
export class ServerSession extends RemoteSession implements Session {
  readonly driver: RemoteDriver;
  readonly search: ServerSearch;
  protected readonly applyContext;
  readonly #ownWrites: OwnWrites;

  constructor(url: string, tokens: TokenSource, capabilities: Capabilities, caches: SearchCacheSizes) {
    super(url, tokens);
    this.driver = openServer(url, tokens);
    const search = new ServerSearch(this.driver, capabilities, caches.vectorCacheBytes);
    this.search = search;
    this.applyContext = { limits: serverLimits, profile: () => search.profile, runsScripts: true };
    this.#ownWrites = new OwnWrites(this.driver);
  }

  /** Also waits for its own writes, on a server that lags behind another. */
  override call<T>(options: CallOptions | undefined, work: () => T | Promise<T>): Promise<T> {
    return this.#ownWrites.visible(options, () => super.call(options, work));
  }

  /** The server may be a replica of another server. */
  override async awaitSchema(options: CallOptions | undefined): Promise<void> {
    await this.#ownWrites.awaitSchema((seen) => schemaStatus(seen).state === 'current', options);
  }

  report() {
    return this.search.report();
  }

  async close(): Promise<void> {
    this.search.close();
    this.driver.close();
  }
}

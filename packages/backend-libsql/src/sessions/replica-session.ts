import type { Capabilities, ReplicationReport } from '@switchyard/storage-core';
import type { RemoteDriver } from '../driver/remote-driver.js';
import { LocalSearch, type SearchCacheSizes } from '../search/local-search.js';
import { replicaLimits } from '../server/pack-pages.js';
import { Replica, type ReplicaOptions } from '../store/replica.js';
import { readProfile } from '../vectors/profile.js';
import { RemoteSession } from './remote-session.js';
import type { Session } from './session.js';

/** Session of a replica: searches its local copy, and writes to the server. */
export class ReplicaSession extends RemoteSession implements Session {
  readonly driver: RemoteDriver;
  readonly search: LocalSearch;
  protected readonly applyContext;
  readonly #replica: Replica;

  /** Opens and syncs the local copy. @throws StorageError as {@link Replica.open} does. */
  static async open(
    options: ReplicaOptions,
    capabilities: Capabilities,
    caches: SearchCacheSizes,
  ): Promise<ReplicaSession> {
    return new ReplicaSession(await Replica.open(options), options, capabilities, caches);
  }

  private constructor(
    replica: Replica,
    { syncUrl, tokens }: ReplicaOptions,
    capabilities: Capabilities,
    caches: SearchCacheSizes,
  ) {
    super(syncUrl, tokens);
    const { driver } = replica;
    this.#replica = replica;
    this.driver = driver;
    this.search = new LocalSearch(driver, capabilities, caches);
    this.applyContext = { limits: replicaLimits, profile: () => readProfile(driver) };
  }

  sync(): ReplicationReport {
    return this.#replica.sync();
  }

  report() {
    return { ...this.search.report(), replication: this.#replica.report() };
  }

  async close(): Promise<void> {
    this.search.close();
    await this.#replica.close();
  }
}

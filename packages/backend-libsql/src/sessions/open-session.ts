import type { TokenSource } from '@switchyard/storage-core/backend';
import { defaults, type LibsqlOptions } from '../options.js';
import { openFile } from '../store/local-file.js';
import { openMemoryStore } from '../store/memory.js';
import { traitsOf } from '../store-traits.js';
import { LocalSession } from './local-session.js';
import { ReplicaSession } from './replica-session.js';
import { ServerSession } from './server-session.js';
import type { Session } from './session.js';

const MIB = 2 ** 20;

/** Opens a connection to a store. Does not touch its schema. @throws StorageError */
export async function openSession(options: LibsqlOptions, tokens: TokenSource): Promise<Session> {
  const { location, mustExist = false } = options;
  const { busyTimeoutMs, cacheMiB, mmapMiB, vectorCacheMiB, ftsCacheMiB } = withDefaults(options);
  const { capabilities } = traitsOf(location);
  const caches = { vectorCacheBytes: vectorCacheMiB * MIB, ftsCacheBytes: ftsCacheMiB * MIB };
  switch (location.type) {
    case 'memory':
      return new LocalSession(openMemoryStore(), capabilities, caches);
    case 'file': {
      const file = await openFile(location.path, { busyTimeoutMs, cacheMiB, mmapMiB, mustExist });
      return new LocalSession(file, capabilities, caches);
    }
    case 'server':
      return new ServerSession(location.url, tokens, capabilities, caches);
    case 'replica': {
      const { path, syncUrl } = location;
      return ReplicaSession.open({ path, syncUrl, tokens }, capabilities, caches);
    }
  }
}

function withDefaults({
  busyTimeoutMs = defaults.busyTimeoutMs,
  cacheMiB = defaults.cacheMiB,
  mmapMiB = defaults.mmapMiB,
  vectorCacheMiB = defaults.vectorCacheMiB,
  ftsCacheMiB = defaults.ftsCacheMiB,
}: LibsqlOptions) {
  return { busyTimeoutMs, cacheMiB, mmapMiB, vectorCacheMiB, ftsCacheMiB };
}

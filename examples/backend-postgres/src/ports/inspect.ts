import type { BackendReport, CallOptions, Capabilities } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';
import { LEVEL } from '../database/create-schema.js';
import type { Session } from '../database/session.js';
import { COUNTS, ENGINE, SIZES } from '../sql/catalog.js';

/** Implements `StorageBackend.inspect`. */
export function inspectStore(
  session: Session,
  capabilities: Capabilities,
  location: string,
  options: CallOptions | undefined,
): Promise<BackendReport> {
  const empty: BackendReport = {
    backend: BACKEND_NAME,
    location,
    engine: { name: 'PostgreSQL', version: 'unknown' },
    schemaLevel: 0,
    counts: { libraries: 0, versions: 0, pages: 0, chunks: 0, vectors: 0 },
    profile: null,
    bytes: {},
    capabilities,
  };
  return session.snapshot(
    options,
    () => empty,
    async (query, { profile, vectorType }) => {
      const [engine] = await query<{ readonly version: string; readonly pgvector: string | null }>(ENGINE);
      const [counts = empty.counts] = await query<BackendReport['counts']>(COUNTS);
      const sizes = await query<{ readonly name: string; readonly bytes: number }>(SIZES, [session.schema]);
      const vectors = vectorType === 'vector' ? `pgvector ${engine?.pgvector}` : 'without pgvector';
      return {
        ...empty,
        engine: { name: 'PostgreSQL', version: `${engine?.version}, ${vectors}` },
        schemaLevel: LEVEL,
        counts,
        profile,
        bytes: Object.fromEntries(sizes.map(({ name, bytes }) => [name, bytes])),
      };
    },
  );
}

import type { Capabilities, EmbeddingProfile } from '@switchyard/storage-core';
import {
  type CallRunner,
  checkMissingRequest,
  checkStageRequest,
  requireCapability,
  requireComplete,
  requireStaged,
  type StagingStatus,
  type VectorStaging,
  wantedProfile,
} from '@switchyard/storage-core/backend';
import { pageOf } from './lookup.js';
import { type MemoryState, type StoredChunk, Tables } from './tables.js';

/** Stages vectors of another model next to the chunks until a commit replaces the old ones. */
export function memoryStaging(
  backend: string,
  capabilities: Capabilities,
  state: MemoryState,
  run: CallRunner,
): VectorStaging {
  /** Changes a copy of the tables, which replaces them on success. */
  const change = <T>(work: (tables: Tables) => T): T => {
    requireCapability(backend, capabilities, 'reembedding');
    const tables = new Tables(state.tables);
    const result = work(tables);
    state.tables = tables;
    return result;
  };
  const staged = ({ staging }: Tables, wanted: EmbeddingProfile | null) => {
    requireStaged(backend, staging?.profile ?? null, wanted);
    return staging as NonNullable<typeof staging>;
  };
  return {
    begin: (request, options) =>
      run(options, () =>
        change((tables) => {
          const wanted = wantedProfile(backend, capabilities, tables.profile, request);
          tables.staging ??= { profile: wanted, vectors: new Map() };
          staged(tables, wanted);
          return statusOf(tables) as StagingStatus;
        }),
      ),
    status: (options) => run(options, () => change(statusOf)),
    missing: (request, options) =>
      run(options, () =>
        change((tables) => {
          checkMissingRequest(request);
          staged(tables, null);
          const { after = 0, limit } = request;
          return missingOf(tables)
            .filter(({ id }) => id > after)
            .sort((a, b) => a.id - b.id)
            .slice(0, limit)
            .map((chunk) => {
              const { url, title } = pageOf(tables, chunk);
              const { id: chunkId, content, metadata } = chunk;
              return { chunkId, content, metadata, page: { url, title } };
            });
        }),
      ),
    stage: (request, options) =>
      run(options, () =>
        change((tables) => {
          checkStageRequest(request);
          const { vectors } = staged(tables, request.profile);
          for (const { chunkId, values } of request.vectors) {
            if (tables.chunks.has(chunkId)) vectors.set(chunkId, values?.slice() ?? null);
          }
        }),
      ),
    commit: (profile, options) =>
      run(options, () =>
        change((tables) => {
          const { vectors } = staged(tables, profile);
          requireComplete(backend, missingOf(tables).length);
          const previous = tables.profile;
          for (const chunk of tables.chunks.values()) {
            tables.chunks.set(chunk.id, { ...chunk, vector: vectors.get(chunk.id) ?? null });
          }
          const { givenUp = 0, staged: done = 0 } = statusOf(tables) ?? {};
          tables.profile = profile;
          tables.staging = null;
          return { profile, previous, vectors: done - givenUp, givenUp };
        }),
      ),
    abort: (options) =>
      run(options, () =>
        change((tables) => {
          const had = tables.staging !== null;
          tables.staging = null;
          return had;
        }),
      ),
  };
}

function missingOf({ chunks, staging }: Tables): StoredChunk[] {
  return [...chunks.values()].filter(({ id }) => staging?.vectors.has(id) !== true);
}

function statusOf({ staging, chunks }: Tables): StagingStatus | null {
  if (staging === null) return null;
  const givenUp = [...staging.vectors.values()].filter((vector) => vector === null).length;
  return { profile: staging.profile, staged: staging.vectors.size, givenUp, total: chunks.size };
}

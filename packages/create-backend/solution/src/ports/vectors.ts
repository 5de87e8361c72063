import {
  type CallRunner,
  checkVectorQuery,
  distance,
  planReconcile,
  type ReconcileResult,
  requireCapability,
  requireFilters,
  requireModel,
  requireSearchMode,
  type VectorIndex,
} from '@switchyard/storage-core/backend';
import { capabilities } from '../capabilities.js';
import { findVersion, isWanted, pageOf } from '../lookup.js';
import type { Store } from '../store.js';

const NAME = 'template-scheme';

export function vectorsPort(store: Store, run: CallRunner): VectorIndex {
  return {
    profile: (options) => run(options, () => store.read(async ({ profile }) => profile)),
    reconcile: (request, policy, options) =>
      run(options, () =>
        store.write(async (tables): Promise<ReconcileResult> => {
          const plan = planReconcile(NAME, capabilities, tables.profile, request, policy);
          tables.profile = plan.profile;
          if (plan.outcome !== 'reset') return { ...plan, vectorsDropped: 0 };
          let vectorsDropped = 0;
          for (const chunk of tables.chunks.values()) {
            if (chunk.vector === null) continue;
            tables.chunks.set(chunk.id, { ...chunk, vector: null });
            vectorsDropped += 1;
          }
          return { ...plan, vectorsDropped };
        }),
      ),
    nearest: (query, options) =>
      run(options, () =>
        store.read(async (tables) => {
          requireSearchMode(NAME, capabilities, query.mode);
          requireFilters(NAME, capabilities, query.filter);
          const { profile } = tables;
          requireModel(NAME, profile, query.model);
          checkVectorQuery(query, profile?.dimension);
          const version = findVersion(tables, query.version);
          if (profile === null || version === undefined) return [];
          return [...tables.chunks.values()]
            .filter((chunk) => isWanted(tables, chunk, version.id, query.filter))
            .flatMap(({ id, vector }) =>
              vector === null
                ? []
                : [{ chunkId: id, distance: distance(profile.metric, query.vector, vector) }],
            )
            .sort((a, b) => a.distance - b.distance || a.chunkId - b.chunkId)
            .slice(0, query.limit);
        }),
      ),
    hasAny: ({ versions, model }, options) =>
      run(options, () =>
        store.read(async (tables) => {
          requireModel(NAME, tables.profile, model);
          const ids = versions.map((version) => findVersion(tables, version)?.id);
          return [...tables.chunks.values()].some(
            (chunk) => chunk.vector !== null && ids.includes(pageOf(tables, chunk).versionId),
          );
        }),
      ),
    stats: (options) =>
      run(options, () =>
        store.read(async ({ chunks }) => {
          const indexed = [...chunks.values()].filter(({ vector }) => vector !== null).length;
          return { indexed, without: chunks.size - indexed, unusable: 0 };
        }),
      ),
    rebuild: (options) => run(options, () => requireCapability(NAME, capabilities, 'vectorMaintenance')),
    audit: (options) =>
      run(options, () => {
        requireCapability(NAME, capabilities, 'vectorMaintenance');
        return { checked: 0, problems: [] };
      }),
  };
}

import type { Capabilities, Metric } from '@switchyard/storage-core';
import { hasCapability, rankAlike } from '@switchyard/storage-core/backend';

/** Name of the backend. */
export const NAME = 'rollout';

/**
 * Capabilities of a rollout: what both sides can do, in every stage. Ids are given by the sides, and nothing replaces all
 * vectors while both are written. Unless both rank full text as FTS5 does, the order of hits depends on the side that is
 * asked: the ranking is then the backend's own.
 *
 * @throws TypeError if the stores have no metric in common, or only one of them has vectors or full text.
 */
export function rolloutCapabilities(old: Capabilities, other: Capabilities): Capabilities {
  for (const flag of ['vectors', 'fts'] as const) {
    if (hasCapability(old, flag) !== hasCapability(other, flag))
      throw new TypeError(`Only one of the stores of a rollout supports ${flag}.`);
  }
  const metrics = old.metrics.filter((metric) => other.metrics.includes(metric));
  const wanted: readonly Metric[] = metrics.includes('l2') ? ['l2'] : metrics;
  const [first, ...rest] = wanted;
  if (first === undefined) throw new TypeError('The stores of a rollout have no metric in common.');
  return {
    metrics: [first, ...rest],
    searchModes: ['exact'],
    maxDimension: Math.min(old.maxDimension, other.maxDimension),
    persistent: old.persistent && other.persistent,
    multiProcess: old.multiProcess && other.multiProcess,
    vectors: hasCapability(old, 'vectors'),
    fts: hasCapability(old, 'fts'),
    ranking: rankAlike(old, other) ? 'fts5-bm25' : 'own',
    vectorMaintenance: old.vectorMaintenance === true && other.vectorMaintenance === true,
    ftsMaintenance: old.ftsMaintenance === true && other.ftsMaintenance === true,
    bulkDeletion: old.bulkDeletion === true && other.bulkDeletion === true,
    filters: old.filters === true && other.filters === true,
  };
}

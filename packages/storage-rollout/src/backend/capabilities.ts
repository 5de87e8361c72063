import type { Capabilities, Metric } from '@switchyard/storage-core';

/** Name of the backend. */
export const NAME = 'rollout';

/**
 * Capabilities of a rollout: what both sides can do, in every stage. Ids are given by the sides, and nothing replaces all
 * vectors while both are written.
 */
export function rolloutCapabilities(old: Capabilities, other: Capabilities): Capabilities {
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
    vectorMaintenance: old.vectorMaintenance === true && other.vectorMaintenance === true,
    ftsMaintenance: old.ftsMaintenance === true && other.ftsMaintenance === true,
    bulkDeletion: old.bulkDeletion === true && other.bulkDeletion === true,
    filters: old.filters === true && other.filters === true,
  };
}

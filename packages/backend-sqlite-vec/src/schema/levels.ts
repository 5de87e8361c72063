/** The level that the adapter works on. */
export const LATEST_LEVEL = 14;

/** The oldest level that the adapter reads, and brings to {@link LATEST_LEVEL}. */
export const OLDEST_LEVEL = 9;

/** The steps of the application that made the schema, as `_schema_migrations` records them. */
export const recordedSteps = [
  '000-initial-schema.sql',
  '001-add-indexed-at-column.sql',
  '002-normalize-library-table.sql',
  '003-normalize-vector-table.sql',
  '004-complete-normalization.sql',
  '005-add-status-tracking.sql',
  '006-add-scraper-options.sql',
  '007-dedupe-unversioned-versions.sql',
  '008-case-insensitive-names.sql',
  '009-add-pages-table.sql',
  '010-add-depth-to-pages.sql',
  '011-add-vector-triggers.sql',
  '012-add-source-content-type.sql',
  '013-create-metadata-table.sql',
  '014-rebuild-vector-partition-keys.sql',
] as const;

/** The level that a recorded step brings a store to; null for what is no step of the application. */
export function levelOf(stepId: string): number | null {
  const digits = /^(\d{3,})-.+\.sql$/.exec(stepId)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The level of a store with these recorded steps; null without any. */
export function highestLevel(stepIds: readonly unknown[]): number | null {
  if (stepIds.length === 0) return null;
  return Math.max(...stepIds.map((id) => (typeof id === 'string' ? levelOf(id) : null) ?? 0));
}

/** Schema level that the adapter writes. */
export const LATEST_LEVEL = 14;

/** Oldest level that the adapter reads and can migrate to {@link LATEST_LEVEL}. */
export const OLDEST_LEVEL = 9;

/** The application's steps that created the schema, as `_schema_migrations` records them. */
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

/** Level that a recorded step brings a store to; null if it is not a step of the application. */
export function levelOf(stepId: string): number | null {
  const digits = /^(\d{3,})-.+\.sql$/.exec(stepId)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Level of a store with these recorded steps; null if there are none. */
export function highestLevel(stepIds: readonly unknown[]): number | null {
  if (stepIds.length === 0) return null;
  return Math.max(...stepIds.map((id) => (typeof id === 'string' ? levelOf(id) : null) ?? 0));
}

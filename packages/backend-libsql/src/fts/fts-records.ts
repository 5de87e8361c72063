import { bytes } from '@switchyard/sqlite-common';

/**
 * Records of the full-text index that change with every change of it: what was read of the index stays valid while both
 * are unchanged. Null if the index is damaged.
 */
export interface FtsRecords {
  /** Number of texts, and total tokens per column. */
  readonly averages: Uint8Array | null;
  /** Segments of the index. */
  readonly structure: Uint8Array | null;
}

/** {@link FtsRecords} as items of a SELECT list. */
export const FTS_RECORD_COLUMNS = `${bytes('(SELECT block FROM documents_fts_data WHERE id = 1)', 'averages')},
    ${bytes('(SELECT block FROM documents_fts_data WHERE id = 10)', 'structure')}`;

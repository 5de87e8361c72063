import {
  DROP_STAGED_VECTORS,
  type NewVector,
  type SqliteDriver,
  SqlStaging,
} from '@switchyard/sqlite-common';
import type { EmbeddingProfile } from '@switchyard/storage-core';
import type { CallRunner, LongCalls, VectorStaging } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { withoutTriggers } from '../schema/triggers.js';
import { toEmbeddingJson } from './embedding-json.js';
import { recreateVectorTable } from './index-table.js';
import { readProfile, requestedProfile, writeProfile } from './profile.js';

const createTable = `
CREATE TABLE staged_vectors (
  document_id INTEGER PRIMARY KEY,
  embedding TEXT NOT NULL
)`;

const stageVector = `
INSERT OR REPLACE INTO staged_vectors (document_id, embedding)
SELECT documents.id, ?
FROM documents
WHERE
  documents.id = ?
  AND EXISTS (SELECT 1 FROM staged_profile WHERE model IS ? AND dimension = ? AND metric = ?)`;

const replaceEmbeddings = `
UPDATE documents
SET embedding = (SELECT staged_vectors.embedding FROM staged_vectors WHERE document_id = documents.id)`;

/** Updates the index for one chunk, as the store's trigger does. */
const fillIndex = `
INSERT INTO documents_vec (rowid, library_id, version_id, embedding)
SELECT documents.id, versions.library_id, versions.id, json_extract(documents.embedding, '$')
FROM documents
JOIN pages ON pages.id = documents.page_id
JOIN versions ON versions.id = pages.version_id
WHERE documents.embedding IS NOT NULL`;

/**
 * Stages vectors of another model in the application's JSON form, in a table unknown to the application. The switch
 * copies them to the embeddings and rebuilds the index.
 */
export function createStaging(
  run: CallRunner,
  runWrite: CallRunner,
  driver: () => SqliteDriver,
  longCalls: LongCalls | null,
): VectorStaging {
  return new SqlStaging({
    backend: BACKEND_NAME,
    run,
    runWrite,
    driver,
    longCalls,
    readProfile,
    wantedProfile: (_, request) => requestedProfile(request),
    createTable: (at) => at.exec(createTable),
    write: stage,
    replaceVectors,
  });
}

function stage(driver: SqliteDriver, profile: EmbeddingProfile, vectors: readonly NewVector[]): number {
  const { model, dimension, metric } = profile;
  return driver.transaction(() =>
    vectors.reduce((staged, { chunkId, values }) => {
      const row = [toEmbeddingJson(values), chunkId, model, dimension, metric];
      return staged + driver.run(stageVector, row).changes;
    }, 0),
  );
}

function replaceVectors(driver: SqliteDriver, profile: EmbeddingProfile): void {
  // Every update of a chunk fires the full-text trigger, which would needlessly rewrite its entry.
  withoutTriggers(driver, ['documents_fts_after_update', 'documents_vec_after_update'], () => {
    driver.run(replaceEmbeddings);
    recreateVectorTable(driver, profile.dimension);
    driver.run(fillIndex);
  });
  driver.exec(DROP_STAGED_VECTORS);
  writeProfile(driver, profile);
}

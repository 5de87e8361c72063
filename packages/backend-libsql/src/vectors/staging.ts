import { type NewVector, type SqliteDriver, SqlStaging } from '@switchyard/sqlite-common';
import type { EmbeddingProfile } from '@switchyard/storage-core';
import type { CallRunner, VectorStaging } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import {
  createStagedVectorTable,
  dropVectorTable,
  installStagedVectorTable,
} from '../schema/vector-table.sql.js';
import { toBlob } from './blob.js';
import { rewriteAllLogs } from './codes/code-log.js';
import { replaceAllGenerations } from './generations.js';
import { readProfile, requestedProfile, writeProfile } from './profile.js';
import { isUnscaled } from './scale.js';

/** What {@link createStaging} works with. */
export interface StagingOptions {
  readonly run: CallRunner;
  readonly runWrite: CallRunner;
  readonly driver: () => SqliteDriver;
  /** On a server and through a replica: answers and requests are kept small, and no vector is read back for its codes. */
  readonly isRemote: boolean;
}

/** Texts are some kilobytes; servers answer with less than 10 MB. */
const CHUNKS_AT_ONCE = 500;
/** Vectors are sent by so many bytes, which servers and replicas take as one parameter. */
const BYTES_AT_ONCE = 1_500_000;

/**
 * The vectors of a statement come as one value, cut up by the statement: some ten times faster than one by one on a
 * server. What it depends on is part of it, so that it is one request and atomic by itself. A vector is given as its
 * chunk, whether it is unscaled, and where it begins.
 */
const STAGE = `
  INSERT OR REPLACE INTO staged_vectors (document_id, version_id, unscaled, embedding)
  SELECT documents.id, documents.version_id, item.value ->> 1, substr(?1, item.value ->> 2, ?2)
  FROM json_each(?3) AS item
  JOIN documents ON documents.id = item.value ->> 0
  WHERE EXISTS (SELECT 1 FROM staged_profile WHERE model IS ?4 AND dimension = ?5 AND metric = ?6)`;

/** Vectors of another model, in a table like that of the store's own, which becomes that table at the switch. */
export function createStaging({ run, runWrite, driver, isRemote }: StagingOptions): VectorStaging {
  return new SqlStaging({
    backend: BACKEND_NAME,
    run,
    runWrite,
    driver,
    chunksAtOnce: isRemote ? CHUNKS_AT_ONCE : undefined,
    readProfile,
    wantedProfile: requestedProfile,
    createTable: (at, { dimension }) => createStagedVectorTable(at, dimension),
    write: stage,
    replaceVectors: (at, profile, previous) => {
      if (previous !== null) dropVectorTable(at);
      installStagedVectorTable(at);
      writeProfile(at, profile);
      replaceAllGenerations(at);
      // Elsewhere that would be every vector of the store over the wire: the log is left behind, as after every write.
      if (!isRemote) rewriteAllLogs(at, profile);
    },
  });
}

function stage(driver: SqliteDriver, profile: EmbeddingProfile, vectors: readonly NewVector[]): number {
  const bytes = profile.dimension * Float32Array.BYTES_PER_ELEMENT;
  const atOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / bytes));
  let staged = 0;
  for (let from = 0; from < vectors.length; from += atOnce) {
    const part = vectors.slice(from, from + atOnce);
    const items = part.map(({ chunkId, values }, index) => [
      chunkId,
      isUnscaled(values) ? 1 : 0,
      index * bytes + 1,
    ]);
    const packed = Buffer.concat(part.map(({ values }) => toBlob(values)));
    const { model, dimension, metric } = profile;
    staged += driver.run(STAGE, [packed, bytes, JSON.stringify(items), model, dimension, metric]).changes;
  }
  return staged;
}

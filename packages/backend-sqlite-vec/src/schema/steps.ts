import type { SqliteDriver } from '@switchyard/sqlite-common';
import { readVectorTable, recreateVectorTable } from '../vectors/index-table.js';
import { recordedSteps } from './levels.js';
import { addDepth, addSourceContentType, createMetadata, createSchema } from './tables.js';
import { createTriggers, restoreTriggers, triggersOf } from './triggers.js';

/** One step of a schema migration. */
export interface SchemaStep {
  /** Id of the step, as recorded by the application. */
  readonly id: string;
  readonly description: string;
  /** Runs the step inside the transaction of the whole migration. */
  apply(driver: SqliteDriver): void;
}

/** Steps that migrate a store of the application from level 009 to 014, in order. */
export const upgradeSteps: readonly SchemaStep[] = [
  {
    id: '010-add-depth-to-pages.sql',
    description: 'Record how many links a page is away from the first one',
    apply: (driver) => driver.exec(addDepth),
  },
  {
    id: '011-add-vector-triggers.sql',
    description: 'Keep the vector index in step with the chunks by triggers',
    apply: (driver) => restoreTriggers(driver, triggersOf('vec')),
  },
  {
    id: '012-add-source-content-type.sql',
    description: 'Record the content type of a page before its conversion to text',
    apply: (driver) => driver.exec(addSourceContentType),
  },
  {
    id: '013-create-metadata-table.sql',
    description: 'Record the model and the dimension of the vectors',
    apply: (driver) => driver.exec(createMetadata),
  },
  {
    id: '014-rebuild-vector-partition-keys.sql',
    description: 'Partition the vector index by library and version, so that a search reads only one version',
    apply: partitionVectorIndex,
  },
];

/** The single step of a new store: the whole schema at the latest level. */
export const creationStep: SchemaStep = {
  id: 'create',
  description: 'Create the schema at level 014',
  apply(driver) {
    driver.exec(createSchema);
    driver.exec(createMetadata);
    recreateVectorTable(driver, null);
    createTriggers(driver);
    for (const id of recordedSteps) recordStep(driver, id);
  },
};

const insertStep = `
INSERT INTO _schema_migrations (id)
VALUES (?)`;

/** Records a step as applied. */
export function recordStep(driver: SqliteDriver, id: string): void {
  driver.run(insertStep, [id]);
}

/** Vectors that only the index holds keep their partition: in another one, they would not belong to their chunk. */
const carryVectors = `
CREATE TEMP TABLE carried_vectors AS
SELECT
  d.id,
  iif(d.embedding IS NULL, v."library_id", vs."library_id") AS library_id,
  iif(d.embedding IS NULL, v.version_id, vs.id) AS version_id,
  v.embedding
FROM documents_vec AS v
JOIN documents AS d ON d.id = v.rowid
JOIN pages AS p ON p.id = d.page_id
JOIN versions AS vs ON vs.id = p.version_id`;

const bringVectors = `
INSERT INTO documents_vec (rowid, library_id, version_id, embedding)
SELECT id, library_id, version_id, embedding
FROM temp.carried_vectors
ORDER BY version_id, id`;

/** Moves vectors as bytes; drops index entries without a chunk. */
function partitionVectorIndex(driver: SqliteDriver): void {
  const { dimension } = readVectorTable(driver);
  if (dimension === null) {
    recreateVectorTable(driver, null);
    return;
  }
  driver.exec(carryVectors);
  recreateVectorTable(driver, dimension);
  driver.exec(bringVectors);
  driver.exec('DROP TABLE temp.carried_vectors');
}

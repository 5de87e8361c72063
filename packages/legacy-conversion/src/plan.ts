import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { realPath } from '@switchyard/sqlite-common';
import type { CallOptions } from '@switchyard/storage-core';
import { checkCall } from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from './backend-name.js';
import { findFtsFaults } from './build/fts.js';
import { findIllFormedText } from './build/ill-formed-text.js';
import { requireDestinations } from './destinations.js';
import type { ConversionProblem, ProblemKind, ProblemSink } from './problems.js';
import { ReportFile } from './report.js';
import { expectedBytes, sizeOf } from './sizes.js';
import { countLegacy } from './source/counts.js';
import { findNameFaults } from './source/duplicate-names.js';
import { findStoreFaults } from './source/faults.js';
import { attachLegacy, readLevel } from './source/file.js';
import { readLegacyProfile } from './source/profile.js';
import type { ConversionPlan, ConversionTarget } from './types.js';
import { findVectorFaults, hasIndex, hasIndexOf, isIndexed } from './vectors/faults.js';
import { VectorScan } from './vectors/scan.js';
import { Workspace } from './workspace.js';

/** Input of a plan. */
export interface PlanOptions extends CallOptions {
  readonly source: string;
  /**
   * Target of the conversion. For a store that is not a file: `in-place`, with the names and space of the legacy store.
   */
  readonly target: ConversionTarget;
  /** File for all problems. Default: the result only has their counts and the first ones. */
  readonly report?: string | undefined;
  readonly onProgress?: ((rows: number, totalRows: number) => unknown) | undefined;
}

/**
 * Substitute for the store that is not built: ids of chunks with a known vector, and the texts after the conversion.
 */
const STAND_IN = `
  CREATE TABLE main.document_vectors (document_id INTEGER PRIMARY KEY);
  CREATE TEMP VIEW documents AS
    SELECT documents.*
    FROM legacy.documents
    JOIN legacy.pages ON pages.id = documents.page_id
    JOIN legacy.versions ON versions.id = pages.version_id
    JOIN legacy.libraries ON libraries.id = versions."library_id";
  CREATE TEMP VIEW documents_text AS
    SELECT
      documents.id,
      documents.content,
      pages.title,
      pages.url,
      CASE WHEN json_valid(documents.metadata) THEN json_extract(documents.metadata, '$.path') END AS path
    FROM legacy.documents
    JOIN legacy.pages ON pages.id = documents.page_id`;

const SETTLE = `
  INSERT INTO main.document_vectors (document_id) VALUES (?1)`;

/** Maximum number of problems in a plan. */
const SHOWN = 20;

/** Duration of converting and verifying, as a multiple of reading every embedding once. */
const TIMES_READING = 3;

/**
 * Plans a conversion without performing it: reads and compares every embedding, and writes nothing but the requested
 * report.
 *
 * @throws StorageError `STORAGE_NOT_FOUND`, `STORAGE_SCHEMA_UNSUPPORTED`, `STORAGE_SCHEMA_TOO_NEW`, `STORAGE_ABORTED`;
 * `STORAGE_CORRUPT` if damage may hide rows of the legacy store; `STORAGE_CONSTRAINT` if the names of its files are not
 * possible.
 */
export async function planHere(options: PlanOptions): Promise<ConversionPlan> {
  const { source, target, onProgress } = options;
  requireDestinations(options);
  const driver = await attachLegacy(source, null);
  const report = new ReportFile(options.report, source);
  try {
    const started = performance.now();
    const level = readLevel(driver);
    const profile = readLegacyProfile(driver);
    const counts = countLegacy(driver);
    const problemCounts: Partial<Record<ProblemKind, number>> = {};
    const problems: ConversionProblem[] = [];
    const problem: ProblemSink = (found) => {
      problemCounts[found.kind] = (problemCounts[found.kind] ?? 0) + 1;
      if (problems.length < SHOWN) problems.push(found);
      report.add(JSON.stringify(found));
    };
    await findNameFaults(source, problem, options);
    driver.exec(STAND_IN);
    findStoreFaults(driver, level, problem);
    findFtsFaults(driver, problem);
    findIllFormedText(driver, problem);
    const vectors = counts.embeddings + counts.indexOnly;
    if (profile !== null) {
      let rows = 0;
      let unusual: ConversionProblem[] = [];
      const scan = new VectorScan(
        driver,
        profile.dimension,
        {
          vector: ({ id }) => driver.run(SETTLE, [id]),
          problem: (found) => (found.kind === 'vector-not-normalized' ? unusual.push(found) : problem(found)),
          progress(count) {
            rows += count;
            onProgress?.(rows, vectors);
          },
        },
        hasIndex(driver) ? (id) => isIndexed(driver, id) : () => false,
      );
      const read = (next: (after: number) => number | null) =>
        readAll(options, next, () => {
          // A model that does not normalize is not a problem of every single vector.
          if (unusual.length > 10_000) unusual = unusual.slice(0, 10_000);
        });
      if (hasIndexOf(driver, profile.dimension)) await read((after) => scan.nextIndexed(after));
      await read((after) => scan.nextRemaining(after));
      if (unusual.length <= vectors / 4) for (const found of unusual) problem(found);
    }
    findVectorFaults(driver, profile, problem);
    const path = target.type === 'file' ? target.path : source;
    return {
      source,
      level,
      profile,
      counts,
      sourceBytes: sizeOf(source) + sizeOf(`${realPath(source)}-wal`),
      neededBytes: expectedBytes(counts, profile?.dimension ?? null),
      freeBytes: new Workspace(target.type === 'file' ? resolve(path) : realPath(path)).freeBytes(),
      estimatedSeconds: (TIMES_READING * (performance.now() - started)) / 1000,
      problemCounts,
      problems,
      report: report.close(),
    };
  } finally {
    report.close();
    driver.close();
  }
}

async function readAll(
  options: CallOptions,
  next: (after: number) => number | null,
  afterwards: () => void,
): Promise<void> {
  for (let after: number | null = Number.MIN_SAFE_INTEGER; after !== null; ) {
    checkCall(options, BACKEND_NAME);
    after = next(after);
    afterwards();
    await setImmediate();
  }
}

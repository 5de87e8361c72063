import {
  type Dataset,
  type JudgedQuery,
  type QueryAnswer,
  type SearchTarget,
  searchQueries,
} from '@switchyard/search-evaluation';
import {
  type DocumentStore,
  type FusionPreset,
  isStorageError,
  StorageError,
} from '@switchyard/storage-core';
import { findVersion } from '../arguments/find-version.js';
import type { CommandContext } from '../command-context.js';

/** Options for answering queries. */
export interface AnswerSettings {
  readonly context: CommandContext;
  readonly documents: DocumentStore;
  readonly dataset: Dataset;
  readonly limit: number;
  /** Null for full text only. */
  readonly embed: ((text: string) => Promise<Float32Array>) | null;
  /** Default: as `search`. */
  readonly fusion?: FusionPreset | undefined;
}

/** Answers of a store, and what it does not have. */
export interface Answers {
  readonly answers: readonly QueryAnswer[];
  /** Libraries and versions of the data set that the store does not have. */
  readonly missing: readonly string[];
}

/**
 * Answers the queries of a data set. Versions are chosen as by `search`.
 *
 * @throws StorageError `STORAGE_NOT_FOUND` when the store has none of the libraries.
 */
export async function answerDataset(settings: AnswerSettings): Promise<Answers> {
  const { context, documents, dataset, limit, embed, fusion } = settings;
  const { output, signal } = context;
  const targets = await resolveTargets(settings);
  const missing = [...targets].flatMap(([name, target]) => (target === null ? [name] : []));
  if (missing.length === targets.size) {
    throw new StorageError(
      'STORAGE_NOT_FOUND',
      `The store has none of the libraries of the data set: ${missing.join(', ')}.`,
    );
  }
  if (missing.length > 0)
    output.note(`The store does not have ${missing.join(', ')}: these queries count as 0.`);
  const progress = output.progress('Searching', 'queries');
  try {
    const answers = await searchQueries(documents, dataset.queries, {
      limit,
      signal,
      resolve: async (query) => targets.get(nameOf(query)) ?? null,
      embed: embed ?? undefined,
      search: { fusion },
      onProgress: (done, total) => progress.update(done, total),
    });
    return { answers, missing };
  } finally {
    progress.stop();
  }
}

/** Finds each library and version of the data set once; null for those that the store does not have. */
async function resolveTargets({
  context,
  documents,
  dataset,
}: AnswerSettings): Promise<Map<string, SearchTarget | null>> {
  const targets = new Map<string, SearchTarget | null>();
  for (const query of dataset.queries) {
    const name = nameOf(query);
    if (targets.has(name)) continue;
    const wanted = { library: query.library, version: query.version ?? undefined };
    const target = await findVersion(documents, wanted, context.output).catch((error: unknown) => {
      if (isStorageError(error, 'STORAGE_NOT_FOUND')) return null;
      throw error;
    });
    targets.set(name, target);
  }
  return targets;
}

function nameOf({ library, version }: JudgedQuery): string {
  return version === null ? library : `${library}@${version}`;
}

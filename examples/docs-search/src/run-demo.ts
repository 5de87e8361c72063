import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OfflineEmbedder } from '@switchyard/embedders';
import { compareAnswers } from './compare.js';
import type { Documentation } from './documentation.js';
import { questions } from './questions.js';
import type { Progress } from './report/progress.js';
import type { DemoResult } from './report/result.js';
import { fillStores, openStores } from './stores.js';

/** Input of {@link runDemo}. */
export interface DemoSettings {
  /** Folder of the stores; null for a temporary folder, removed at the end. */
  readonly keep: string | null;
  readonly documentation: readonly Documentation[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Indexes the documentation into both stores, runs the same questions on both and compares their answers. */
export async function runDemo(settings: DemoSettings): Promise<DemoResult> {
  const { keep, documentation, progress, signal } = settings;
  const folder = keep === null ? await mkdtemp(join(tmpdir(), 'switchyard-demo-')) : resolve(keep);
  await mkdir(folder, { recursive: true });
  const embedder = new OfflineEmbedder({ workers: Math.min(4, availableParallelism()) });
  try {
    const stores = await openStores(folder, embedder);
    try {
      const indexing = await fillStores(stores, documentation, progress, signal);
      const answers = await compareAnswers(stores, documentation, questions, embedder, signal);
      return {
        documentation,
        model: embedder.model,
        dimension: embedder.dimension,
        indexing,
        ...answers,
        stores: keep === null ? null : { source: stores.sourcePath, libsql: stores.libsqlPath },
      };
    } finally {
      progress.stop();
      await stores.close();
    }
  } finally {
    await embedder.close();
    if (keep === null) await rm(folder, { recursive: true, force: true });
  }
}

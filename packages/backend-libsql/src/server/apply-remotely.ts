import {
  applyLogged,
  applyMutation,
  type MutationContext,
  type RolloutWrite,
  toStorageError,
} from '@switchyard/sqlite-common';
import type { EmbeddingProfile, Mutation, MutationResult, ReplacePage } from '@switchyard/storage-core';
import {
  checkMutation,
  isLoggedWrite,
  type ResultsOf,
  requireModels,
  sqlTimestamp,
  wellFormed,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import { RemoteChunkVectors } from '../chunks/chunk-vectors.js';
import { LibsqlChunkStore } from '../chunks/libsql-chunk-store.js';
import type { RemoteDriver } from '../driver/remote-driver.js';
import { deleteAtOnce } from './delete-at-once.js';
import type { PackLimits } from './pack-pages.js';
import { writePages } from './write-pages.js';

/** Dependencies of {@link applyRemotely}. */
export interface RemoteApplyContext {
  readonly driver: RemoteDriver;
  readonly limits: PackLimits;
  /** Returns the embedding profile as far as it is known here; null without one. */
  readonly profile: () => EmbeddingProfile | null;
  readonly rollout: RolloutWrite;
  /** True if a script is one request, and a transaction that fails ends with it. Not through a replica. Default false. */
  readonly runsScripts?: boolean | undefined;
}

/**
 * Applies mutations in order, all or none, as `applyMutations` of sqlite-common does, with fewer requests: one statement
 * writes all consecutive pages, and a list that consists only of pages needs no transaction.
 *
 * @throws StorageError with the outcome `not-applied`, or `unknown` when the answer to a write was lost; TypeError.
 */
export function applyRemotely<const M extends readonly Mutation[]>(
  context: RemoteApplyContext,
  given: M,
): ResultsOf<M> {
  if (given.length === 0) return [] as unknown as ResultsOf<M>;
  const mutations = wellFormed(given);
  try {
    const atOnce = isLoggedWrite(context.rollout.options)
      ? null
      : (deleteOnly(context, mutations) ?? writeOnlyPages(context, mutations));
    return (atOnce ?? inTransaction(context, mutations)) as unknown as ResultsOf<M>;
  } catch (error) {
    throw toStorageError(error, { backend: BACKEND_NAME, outcome: 'not-applied' });
  }
}

function deleteOnly(
  { driver, runsScripts = false }: RemoteApplyContext,
  mutations: readonly Mutation[],
): MutationResult[] | null {
  const [only] = mutations;
  if (!runsScripts || only === undefined || mutations.length > 1) return null;
  const result = deleteAtOnce(driver, only);
  return result === null ? null : [result];
}

function writeOnlyPages(
  { driver, limits, profile: known }: RemoteApplyContext,
  mutations: readonly Mutation[],
): MutationResult[] | null {
  if (!mutations.every(isReplacePage)) return null;
  const profile = known();
  // The known profile may be outdated: what it would refuse is checked again in the transaction.
  if (!isSound(mutations, profile)) return null;
  const model = commonModel(mutations);
  if (model === undefined) return null;
  const options = { now: sqlTimestamp(), dimension: profile?.dimension, model, limits };
  const results = writePages(driver, mutations, options);
  return results?.map((result) => ({ kind: 'replacePage', ...result })) ?? null;
}

function inTransaction(
  { driver, limits, rollout }: RemoteApplyContext,
  mutations: readonly Mutation[],
): readonly MutationResult[] {
  return driver.transaction(() => {
    const chunks = new LibsqlChunkStore(driver, new RemoteChunkVectors(driver));
    const profile = chunks.profile();
    const dimension = profile?.dimension;
    for (const mutation of mutations) checkMutation(mutation, dimension);
    requireModels(BACKEND_NAME, profile, mutations);
    const context: MutationContext = { driver, chunks, now: sqlTimestamp() };
    if (isLoggedWrite(rollout.options)) {
      const logged = applyLogged(context, mutations, rollout);
      chunks.finish();
      return logged;
    }
    const results: MutationResult[] = [];
    for (const group of groups(mutations)) {
      const written = group.every(isReplacePage)
        ? writePages(driver, group, { now: context.now, dimension, model: null, limits })
        : null;
      if (written !== null) {
        for (const result of written) results.push({ kind: 'replacePage', ...result });
      } else {
        for (const mutation of group) results.push(applyMutation(context, mutation));
      }
    }
    chunks.finish();
    return results;
  });
}

/** Returns the model of all pages; null if none states one, undefined if they differ. */
function commonModel(pages: readonly ReplacePage[]): string | null | undefined {
  const models = new Set(pages.map(({ model }) => model ?? null));
  return models.size === 1 ? [...models][0] : undefined;
}

/** Maximum number of pages per statement. */
const PAGES_PER_STATEMENT = 256;

/** Groups consecutive pages; every other mutation is a group by itself. */
function groups(mutations: readonly Mutation[]): Mutation[][] {
  const found: Mutation[][] = [];
  for (const mutation of mutations) {
    const last = found.at(-1);
    const joins =
      isReplacePage(mutation) && last?.[0]?.kind === 'replacePage' && last.length < PAGES_PER_STATEMENT;
    if (joins) last.push(mutation);
    else found.push([mutation]);
  }
  return found;
}

function isReplacePage(mutation: Mutation): mutation is ReplacePage {
  return mutation.kind === 'replacePage';
}

function isSound(pages: readonly ReplacePage[], profile: EmbeddingProfile | null): boolean {
  try {
    for (const page of pages) checkMutation(page, profile?.dimension);
    requireModels(BACKEND_NAME, profile, pages);
    return true;
  } catch {
    return false; // the transaction checks it again and reports why
  }
}

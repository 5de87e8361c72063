import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DocsWarning } from '@switchyard/docs-loader';
import {
  DocumentStore,
  type EmbeddingProfile,
  embeddingText,
  isStorageError,
  type PageDocument,
  type PageRecord,
  type StorageBackend,
  StorageError,
  type StoredScraperOptions,
  type VersionId,
} from '@switchyard/storage-core';
import { schemaOutdated } from '@switchyard/storage-core/backend';
import { formatLibrary } from '../arguments/library-ref.js';
import { type CommandContext, openBackend } from '../command-context.js';
import { chooseForIndexing, refuseOtherModel } from '../embedding/choose-embedder.js';
import { count } from '../output/plain-text.js';
import { findMissingVectors } from './incomplete-pages.js';
import type { IndexSettings } from './index-version.js';
import type { PageChanges } from './page-changes.js';
import { type IndexPlan, planIndexing } from './plan.js';
import { readTooLarge, toEmbedAgain } from './too-large.js';
import { decideOnVanished } from './version-origin.js';

/** Input of {@link previewIndexing}. */
export interface PreviewSettings extends Omit<IndexSettings, 'documents' | 'model' | 'output' | 'signal'> {
  /** Connection string. */
  readonly store: string;
  /** Value of `--embedder`, or its default. */
  readonly spec: string | undefined;
  readonly resetVectors: boolean;
  readonly warnings: readonly DocsWarning[];
}

/** Work that `index` would do, as printed with `--dry-run --json`. */
export interface IndexPreview extends PageChanges {
  readonly dryRun: true;
  readonly library: string;
  readonly version: string;
  /** Connection string without secrets. */
  readonly store: string;
  /** False if `index` would create the store. */
  readonly storeExists: boolean;
  /** Model of the vectors; null without. */
  readonly embedder: string | null;
  /** Chunks that would be written. */
  readonly chunks: number;
  /** Texts that would be embedded. */
  readonly texts: number;
  readonly characters: number;
  /** Estimated number of tokens in those texts; models count differently. */
  readonly tokensEstimated: number;
  readonly warnings: readonly DocsWarning[];
}

/** Stored state of the version. */
interface Stored {
  readonly profile: EmbeddingProfile | null;
  readonly pages: readonly PageRecord[];
  readonly options: StoredScraperOptions | null;
  readonly versionId: VersionId | null;
}

const nothing: Stored = { profile: null, pages: [], options: null, versionId: null };

/**
 * Determines what `index` would do, without writing, creating or embedding anything.
 *
 * @throws StorageError `STORAGE_MODEL_CHANGED` like `index` itself, and what opening the store throws.
 */
export async function previewIndexing(
  context: CommandContext,
  settings: PreviewSettings,
): Promise<IndexPreview> {
  const { signal, switchyard, env } = context;
  const { library, version, resetVectors, warnings } = settings;
  const backend = await openExisting(context, settings.store);
  if (backend !== null) await requireWritableSchema(context, backend, settings.store);
  const stored = backend === null ? nothing : await readVersion(backend, settings, signal);
  const embedder = chooseForIndexing(settings.spec, resetVectors ? null : stored.profile, env, {
    needsKey: false,
  });
  if (embedder !== null && !resetVectors) refuseOtherModel(stored.profile, embedder);
  const model = embedder?.model ?? null;
  const plan = await planVersion(backend, stored, settings, model, signal);
  const { deletes, others } = decideOnVanished(stored.options, plan, stored.pages, settings);
  const texts = model === null ? [] : plan.write.flatMap(textsOf);
  return {
    dryRun: true,
    library,
    version,
    store: switchyard.parse(settings.store).redacted,
    storeExists: backend !== null,
    embedder: model,
    pagesAdded: plan.added,
    pagesChanged: plan.write.length - plan.added,
    pagesUnchanged: plan.unchanged,
    pagesVanished: plan.vanished.map(({ url }) => url),
    vanishedDeleted: deletes,
    otherSources: others,
    chunks: plan.write.reduce((sum, { chunks }) => sum + chunks.length, 0),
    texts: texts.length,
    characters: texts.reduce((sum, { length }) => sum + length, 0),
    tokensEstimated: texts.reduce((sum, text) => sum + estimateTokens(text), 0),
    warnings,
  };
}

/** Opens a store for reading; returns null if there is none. */
async function openExisting(context: CommandContext, store: string): Promise<StorageBackend | null> {
  const { location } = context.switchyard.parse(store);
  if (location.type === 'memory') return null;
  // Opening creates nothing on a server; a database without content reads as an empty store.
  if (location.type !== 'file') return openBackend(context, store, {});
  const path = resolve(location.path);
  if (!existsSync(dirname(path))) {
    throw new StorageError('STORAGE_NOT_FOUND', `The folder ${dirname(path)} does not exist.`, {
      advice: 'Create it, or pass another path.',
    });
  }
  if (!existsSync(path)) return null;
  return openBackend(context, store, { mustExist: true }).catch((error: unknown) => {
    if (isStorageError(error, 'STORAGE_NOT_FOUND')) return null; // an empty file
    throw error;
  });
}

/** @throws StorageError `STORAGE_SCHEMA_OUTDATED` where the real run would be refused. */
async function requireWritableSchema(
  { switchyard, signal }: CommandContext,
  backend: StorageBackend,
  store: string,
): Promise<void> {
  const { options, redacted } = switchyard.parse(store);
  const status = await backend.migrator.status({ signal });
  const isRefused =
    (status.state === 'pending' && options.migrate !== 'auto') ||
    (status.state === 'empty' && options.migrate === 'manual');
  if (isRefused) throw schemaOutdated(backend.name, status, redacted);
}

async function readVersion(
  backend: StorageBackend,
  { library, version }: PreviewSettings,
  signal: AbortSignal,
): Promise<Stored> {
  const documents = await DocumentStore.open({ backend, signal });
  const { profile } = documents;
  const known = (await documents.versions(library, { signal })).find(({ name }) => name === version);
  if (known === undefined) return { ...nothing, profile };
  const pages = await documents.pages(known.id, { signal });
  const options = await documents.scraperOptions(known.id, { signal });
  return { profile, pages, options, versionId: known.id };
}

async function planVersion(
  backend: StorageBackend | null,
  { pages: stored, options, versionId }: Stored,
  { pages: loaded, force, resetVectors }: PreviewSettings,
  model: string | null,
  signal: AbortSignal,
): Promise<IndexPlan> {
  if (resetVectors) {
    return planIndexing({ loaded, stored, force, incomplete: new Set(stored.map(({ id }) => id)) });
  }
  if (backend === null || versionId === null || model === null) {
    return planIndexing({ loaded, stored, force, incomplete: new Set() });
  }
  const missing = await findMissingVectors(backend, versionId, signal);
  const known = readTooLarge(options?.options.tooLarge, model);
  return planIndexing({ loaded, stored, force, incomplete: toEmbedAgain(missing, stored, known) });
}

function textsOf(page: PageDocument): string[] {
  return page.chunks.map((chunk) => embeddingText(page, chunk));
}

/**
 * UTF-8 bytes per token. The documentation of pino, fastify, commander, yaml and this repository has 3.4 to 4.0 with the
 * tokenizers cl100k and o200k; a low value overestimates rather than underestimates.
 */
const BYTES_PER_TOKEN = 3.6;

function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** Formats a preview for people. */
export function formatPreview(preview: IndexPreview): string {
  const { pagesAdded, pagesChanged, pagesUnchanged, pagesVanished, vanishedDeleted, otherSources } = preview;
  const { library, version, store, storeExists, chunks, texts, tokensEstimated, embedder } = preview;
  const pages = pagesAdded + pagesChanged + pagesUnchanged;
  const vanished = count(pagesVanished.length, 'page');
  const kept = otherSources.length > 0 ? `: the version was made from ${otherSources.join(', ')}` : '';
  return [
    `Would index ${formatLibrary(library, version)} into ${store}${storeExists ? '' : ', a new store'}: ` +
      `${count(pages, 'page')} (${pagesAdded} new, ${pagesChanged} changed, ${pagesUnchanged} unchanged), ` +
      `${count(chunks, 'chunk')} to write.`,
    embedder === null
      ? 'No text would be embedded.'
      : `${count(texts, 'text')} would be embedded with ${embedder}: about ${tokensEstimated} tokens.`,
    ...(pagesVanished.length === 0
      ? []
      : [
          vanishedDeleted
            ? `Would delete ${vanished} that the source no longer has:`
            : `Would keep ${vanished} that the source does not have${kept}:`,
          ...pagesVanished.map((url) => `  ${url}`),
        ]),
    'Nothing was changed.',
  ].join('\n');
}

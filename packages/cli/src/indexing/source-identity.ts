import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject, PageRecord, StoredScraperOptions } from '@switchyard/storage-core';

/** One source of a version, as stored with the version. */
export interface KnownSource {
  /**
   * Equal for every checkout of the same documentation: `npm:NAME` of a package without its version, the base URL of a
   * folder (for a single file its own URL below it), or the name of the folder or file without a base URL.
   */
  readonly identity: string;
  /** Location: `npm:NAME@VERSION` or a file URL. Differs between checkouts. */
  readonly url: string;
  /** Globs that selected files, as JSON; absent if all were read. */
  readonly selection?: string | undefined;
}

const DOCUMENT_EXTENSIONS = new Set(['.md', '.mdx', '.markdown', '.txt']);

/** Identifies a source by properties that are equal in every checkout. */
export function identifySource(
  url: string,
  baseUrl: string | undefined,
  selection?: string | undefined,
): KnownSource {
  const identity = url.startsWith('file:') ? identityOfPath(url, baseUrl) : url.replace(/@[^@/]*$/, '');
  return { identity, url, ...(selection === undefined ? {} : { selection }) };
}

function identityOfPath(url: string, baseUrl: string | undefined): string {
  const name = basename(fileURLToPath(url));
  if (baseUrl === undefined) return name;
  const base = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  return DOCUMENT_EXTENSIONS.has(extname(name).toLowerCase()) ? `${base}${encodeURIComponent(name)}` : base;
}

/** Returns the globs of scraper options as JSON; undefined without any. */
export function selectionOf({ include, exclude }: JsonObject): string | undefined {
  return include === undefined && exclude === undefined ? undefined : JSON.stringify({ include, exclude });
}

/** Sources of a version, as recorded by this or an earlier release; empty if nothing was indexed. */
export function knownSources(stored: StoredScraperOptions | null): readonly KnownSource[] {
  if (stored === null) return [];
  const { sources, baseUrl } = stored.options;
  if (Array.isArray(sources)) return sources.filter(isKnownSource);
  try {
    return [identifySource(stored.sourceUrl, typeof baseUrl === 'string' ? baseUrl : undefined)];
  } catch {
    return [{ identity: stored.sourceUrl, url: stored.sourceUrl }]; // written by another application; not a local path
  }
}

function isKnownSource(value: unknown): value is KnownSource & JsonObject {
  const { identity, url, selection } = (value ?? {}) as Partial<KnownSource>;
  const isText = typeof identity === 'string' && typeof url === 'string';
  return isText && (selection === undefined || typeof selection === 'string');
}

/** Input of {@link mayDeleteVanished}. */
export interface SourceComparison {
  readonly source: KnownSource;
  readonly known: readonly KnownSource[];
  readonly stored: readonly PageRecord[];
  readonly vanished: readonly PageRecord[];
}

/**
 * Returns true if pages missing from the source were deleted from it, rather than belonging to another source: the
 * version was built from this source alone. From another checkout, at least half of the stored pages must be present
 * too, because folders of the same name may have nothing else in common. Other globs than before may leave out pages that
 * the source still has.
 */
export function mayDeleteVanished({ source, known, stored, vanished }: SourceComparison): boolean {
  const [only, ...others] = known;
  if (only === undefined || others.length > 0 || only.identity !== source.identity) return false;
  if (only.selection !== source.selection && vanished.length > 0) return false;
  if (only.url === source.url || source.identity.startsWith('npm:')) return true;
  return stored.length - vanished.length >= vanished.length;
}

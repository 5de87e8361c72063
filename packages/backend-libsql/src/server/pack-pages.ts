import type { SqlValue } from '@switchyard/sqlite-common';
import type { ChunkInput, ReplacePage } from '@switchyard/storage-core';
import { isStructural, normalizeVersionRef } from '@switchyard/storage-core/backend';
import { toBlob } from '../vectors/blob.js';
import { isUnscaled } from '../vectors/scale.js';

/** Servers take values of 3 MB and refuse those of 6 MB; replicas send requests of at most 4 MB in all. */
export interface PackLimits {
  /** The most bytes in the texts, and in the vectors, of a part, unless a single chunk has more. */
  readonly partBytes: number;
  /** The most bytes in all parts of a statement. */
  readonly statementBytes: number;
}

/** What a server takes, with room to spare. */
export const serverLimits: PackLimits = { partBytes: 1_000_000, statementBytes: 12_000_000 };
/** What a replica can send on. */
export const replicaLimits: PackLimits = { partBytes: 1_000_000, statementBytes: 2_500_000 };

/** One row of an INSERT into the views of page-writes.sql.ts: part, now, pages, chunks, vectors, bytes. */
export type Part = readonly SqlValue[];

/** Pages as the parts of one statement. */
export interface Packed {
  readonly parts: readonly Part[];
  readonly hasVectors: boolean;
}

interface OpenPart {
  pages: string[];
  chunks: string[];
  vectors: Uint8Array[];
  textBytes: number;
  vectorBytes: number;
}

/** What JSON text cannot carry into SQLite as it is: a NUL, and half a surrogate pair. */
const UNSAFE = /\\u0000|\\ud[89a-f]/i;

/**
 * Packs pages into the parts of one statement. Null when they cannot go that way and have to be written one by one:
 * when a text holds a NUL or half a surrogate pair, when a page stands in the list twice, or when they are too large
 * for one statement.
 *
 * @param now The moment of the write, as SQL's CURRENT_TIMESTAMP writes it.
 * @param vectorBytes How many bytes a vector of the store has; 0 without profile.
 */
export function packPages(
  pages: readonly ReplacePage[],
  { now, vectorBytes }: { readonly now: string; readonly vectorBytes: number },
  limits: PackLimits,
): Packed | null {
  if (hasRepeats(pages)) return null;
  const parts: OpenPart[] = [];
  let part = newPart(parts);
  let ordinal = 0;
  let total = 0;
  let hasVectors = false;
  for (const [position, page] of pages.entries()) {
    const head = packPage(page, position);
    if (part.textBytes + head.length > limits.partBytes) part = newPart(parts);
    part.pages.push(head);
    part.textBytes += head.length;
    total += head.length;
    for (const [index, chunk] of page.chunks.entries()) {
      const size = chunk.content.length;
      const bytes = chunk.vector === null ? 0 : vectorBytes;
      if (part.textBytes + size > limits.partBytes || part.vectorBytes + bytes > limits.partBytes) {
        part = newPart(parts);
      }
      ordinal += 1;
      const text = packChunk(chunk, { position, ordinal, index, offset: part.vectorBytes + 1 });
      part.chunks.push(text);
      part.textBytes += text.length;
      total += text.length + bytes;
      if (chunk.vector === null) continue;
      part.vectors.push(toBlob(chunk.vector));
      part.vectorBytes += bytes;
      hasVectors = true;
    }
    if (total > limits.statementBytes) return null;
  }
  const rows = parts.map(
    (open, number): Part => [
      number,
      now,
      `[${open.pages.join(',')}]`,
      `[${open.chunks.join(',')}]`,
      Buffer.concat(open.vectors),
      vectorBytes,
    ],
  );
  const unsafe = rows.some(
    ([, , heads, chunks]) => UNSAFE.test(String(heads)) || UNSAFE.test(String(chunks)),
  );
  return unsafe ? null : { parts: rows, hasVectors };
}

function newPart(parts: OpenPart[]): OpenPart {
  const part: OpenPart = { pages: [], chunks: [], vectors: [], textBytes: 0, vectorBytes: 0 };
  parts.push(part);
  return part;
}

/** The same page twice, or the same version by id and by name: the second write has to see the first. */
function hasRepeats(pages: readonly ReplacePage[]): boolean {
  const keys = new Set<string>();
  const urls = new Set<string>();
  let byId = 0;
  for (const { version, page } of pages) {
    const ref = normalizeVersionRef(version);
    if ('versionId' in ref) byId += 1;
    keys.add(JSON.stringify([ref, page.url]));
    urls.add(page.url);
  }
  return keys.size < pages.length || (byId > 0 && byId < pages.length && urls.size < pages.length);
}

function packPage({ version, page }: ReplacePage, position: number): string {
  const ref = normalizeVersionRef(version);
  // Members that are undefined do not appear, which the statement reads as the default.
  return JSON.stringify({
    n: position,
    ...('versionId' in ref ? { v: ref.versionId } : { l: ref.library, r: ref.version }),
    id: page.id,
    url: page.url,
    title: page.title,
    e: page.etag,
    m: page.lastModified,
    c: page.contentType,
    s: page.sourceContentType,
    d: page.depth,
    ca: page.createdAt,
    ua: page.updatedAt,
  });
}

function packChunk(
  chunk: ChunkInput,
  at: {
    readonly position: number;
    readonly ordinal: number;
    readonly index: number;
    readonly offset: number;
  },
): string {
  const { vector } = chunk;
  return JSON.stringify([
    at.position,
    at.ordinal,
    chunk.id ?? null,
    chunk.sortOrder ?? at.index,
    isStructural(chunk.metadata) ? 1 : 0,
    chunk.createdAt === undefined ? 0 : chunk.createdAt,
    JSON.stringify(chunk.metadata),
    chunk.content,
    vector === null ? null : isUnscaled(vector) ? 1 : 0,
    at.offset,
  ]);
}

import type { SqlValue } from '@switchyard/sqlite-common';
import type { ChunkInput, ReplacePage } from '@switchyard/storage-core';
import { isStructural, normalizeVersionRef } from '@switchyard/storage-core/backend';
import { toBlob } from '../vectors/blob.js';
import { isUnscaled } from '../vectors/scale.js';

/** Servers accept values of 3 MB and refuse those of 6 MB; replicas send requests of up to 4 MB in total. */
export interface PackLimits {
  /** Maximum bytes of the texts, and of the vectors, of a part, unless a single chunk has more. */
  readonly partBytes: number;
  /** Maximum bytes of all parts of a statement. */
  readonly statementBytes: number;
}

/** Limits of a server, with a margin. */
export const serverLimits: PackLimits = { partBytes: 1_000_000, statementBytes: 12_000_000 };
/** Limits of a replica, which forwards writes. */
export const replicaLimits: PackLimits = { partBytes: 1_000_000, statementBytes: 2_500_000 };

/** Row of an INSERT into the views of page-writes.sql.ts: part, now, pages, chunks, vectors, bytes. */
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

/** Escapes that SQLite's JSON functions do not preserve: a NUL, and a lone surrogate. */
const UNSAFE = /\\u0000|\\ud[89a-f]/i;

/**
 * Packs pages into the parts of one statement. Returns null if they must be written one by one: if a text contains a NUL
 * or a lone surrogate, if a page occurs twice, or if they are too large for one statement.
 *
 * @param now time of the write, in the format of CURRENT_TIMESTAMP
 * @param vectorBytes bytes of a vector of the store; 0 without a profile
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

/** Returns true if a page, or a version by id and by name, may occur twice: the second write must see the first. */
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
  // JSON omits undefined members, for which the statement uses the default.
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

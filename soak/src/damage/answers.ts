import { createHash } from 'node:crypto';
import type { StorageBackend } from '@switchyard/storage-core';
import { LIMIT, type Question } from './types.js';

/** Digest that stands for a longer value in comparisons of answers. */
export function digest(...parts: readonly unknown[]): string {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part instanceof Uint8Array ? part : `${String(part)}\u0000`);
  return hash.digest('base64url');
}

/** Bytes of a vector. */
export function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** Queries a store through its ports. Returns plain data in a form that plain SQLite can produce too. */
export async function answer(backend: StorageBackend, question: Question): Promise<unknown> {
  switch (question.op) {
    case 'overview':
      return (await backend.catalog.overview()).map(
        ({ version: { library, name, status }, chunks, urls }) => [library, name, status, chunks, urls],
      );
    case 'pages':
      return (await backend.catalog.pages({ versionId: question.versionId })).map(({ id, url, title }) => [
        id,
        url,
        title,
      ]);
    case 'chunks':
      return (await backend.catalog.chunksByUrl(question.version, question.url)).map(
        ({ id, content, metadata: { types, level, path } }) => [
          id,
          digest(content, JSON.stringify([types, level, path])),
        ],
      );
    case 'content':
      return contentOf(backend, question.versionId);
    case 'words': {
      const { versionId, term } = question;
      const hits = await backend.fts.match({ version: { versionId }, terms: [term], limit: LIMIT });
      return hits.map(({ chunkId }) => chunkId);
    }
    case 'nearest': {
      const { versionId, vector } = question;
      const hits = await backend.vectors.nearest({ version: { versionId }, vector, limit: LIMIT });
      return hits.map(({ chunkId }) => chunkId);
    }
  }
}

/** Returns every page and chunk of a version with its vector. */
export async function contentOf(backend: StorageBackend, versionId: number): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (let after = 0; ; ) {
    const pages = await backend.catalog.snapshot({ version: { versionId }, after, limit: 50 });
    for (const { page, chunks } of pages) {
      rows.push([page.id, page.url, page.title]);
      for (const { id, content, vector } of chunks) {
        rows.push([id, digest(content), vector === null ? null : digest(bytesOf(vector))]);
      }
    }
    const last = pages.at(-1);
    if (last === undefined) return rows;
    after = last.page.id;
  }
}

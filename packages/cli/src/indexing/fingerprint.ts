import { createHash } from 'node:crypto';
import type { PageDocument } from '@switchyard/storage-core';

/**
 * Hash of every part of a page that is stored or embedded, recorded as its etag: a page with a matching fingerprint
 * needs no work.
 */
export function fingerprint({ title, contentType, sourceContentType, depth, chunks }: PageDocument): string {
  const content = [title ?? null, contentType ?? null, sourceContentType ?? null, depth ?? null, chunks];
  return `sha256:${createHash('sha256').update(JSON.stringify(content)).digest('hex')}`;
}

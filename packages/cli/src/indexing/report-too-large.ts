import { StorageError } from '@switchyard/storage-core';
import { count } from '../output/plain-text.js';
import type { TooLargePage } from './too-large.js';

const MAX_PAGES_NAMED = 20;

/** Builds the error that lists the chunks without a vector. */
export function tooLargeError(pages: readonly TooLargePage[], model: string): StorageError {
  const chunks = pages.reduce((sum, { sortOrders }) => sum + sortOrders.length, 0);
  const named = pages.slice(0, MAX_PAGES_NAMED).map(({ url, sortOrders }) => {
    return `\n  ${url}: chunk ${sortOrders.map((order) => order + 1).join(', ')}`;
  });
  const more = pages.length - named.length;
  if (more > 0) named.push(`\n  and ${count(more, 'more page')}`);
  const are = chunks === 1 ? 'is' : 'are';
  return new StorageError(
    'STORAGE_EMBEDDING_TOO_LARGE',
    `${count(chunks, 'chunk')} ${are} too large for ${model}, stored without a vector and found by full text only. ` +
      `A smaller --chunk-size helps; --force tries the same chunks again.${named.join('')}`,
  );
}

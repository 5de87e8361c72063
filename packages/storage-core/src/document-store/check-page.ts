import { checkMetadata } from '../runtime/check-metadata.js';
import { checkPageFields } from '../runtime/check-page-fields.js';
import type { PageDocument } from './types.js';

/**
 * Checks a page before it is embedded: callers in plain JavaScript may pass anything.
 *
 * @param where Name of the page in the message, such as `pages[3]`.
 * @throws TypeError that names the field.
 */
export function checkPage(page: PageDocument, where: string): void {
  if (typeof page?.url !== 'string' || page.url === '')
    throw new TypeError(`${where}.url must not be empty.`);
  checkPageFields(page, where);
  if (!Array.isArray(page.chunks)) throw new TypeError(`${where}.chunks must be an array.`);
  for (const [index, chunk] of page.chunks.entries()) {
    const place = `${where}.chunks[${index}]`;
    if (typeof chunk?.content !== 'string') throw new TypeError(`${place}.content must be a string.`);
    checkMetadata(chunk.metadata, `${place}.metadata`);
  }
}

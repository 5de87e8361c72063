import type { CallOptions } from '../ports/call-options.js';
import { withinCall } from '../runtime/deadline.js';
import { wellFormed } from '../values/well-formed.js';
import type { PageSource } from './add-pages.js';
import { checkPage } from './check-page.js';
import type { PageDocument } from './types.js';

/** Minimum number of chunks embedded together. */
const CHUNKS_PER_GROUP = 64;
/** Maximum number of pages per group, so that pages with few chunks are reported, and can be aborted, regularly. */
const PAGES_PER_GROUP = 64;

/** Groups pages so that their chunks can be embedded together. @throws TypeError for an invalid page. */
export async function* groupPages(pages: PageSource, options?: CallOptions): AsyncGenerator<PageDocument[]> {
  let group: PageDocument[] = [];
  let chunks = 0;
  let index = 0;
  for await (const page of Array.isArray(pages) ? pages : abortable(pages, options)) {
    checkPage(page, `pages[${index++}]`);
    // Before embedding, so that the embedded and the stored text are equal.
    group.push(wellFormed(page));
    chunks += page.chunks.length;
    if (chunks >= CHUNKS_PER_GROUP || group.length >= PAGES_PER_GROUP) {
      yield group;
      group = [];
      chunks = 0;
    }
  }
  if (group.length > 0) yield group;
}

/** Yields the pages unchanged. The signal and the deadline also end the wait for the next page. */
async function* abortable(pages: PageSource, options?: CallOptions): AsyncGenerator<PageDocument> {
  const iterator = Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await withinCall(options, 'the next page', iterator.next());
      if (done === true) {
        isDone = true;
        return;
      }
      yield value;
    }
  } finally {
    // Not awaited: a generator that is producing a page only returns after it.
    if (!isDone) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

import type { CallOptions } from '../ports/call-options.js';
import { withinCall } from '../runtime/deadline.js';
import { wellFormed } from '../values/well-formed.js';
import type { PageSource } from './add-pages.js';
import { checkPage } from './check-page.js';
import type { PageDocument } from './types.js';

/** Chunks that are gathered before they are embedded together. */
const CHUNKS_PER_GROUP = 64;
/** Pages with no or few chunks are reported, and can be aborted, at least this often. */
const PAGES_PER_GROUP = 64;

/** Gathers pages until they have enough chunks to be embedded together. @throws TypeError for a page that is none. */
export async function* groupPages(pages: PageSource, options?: CallOptions): AsyncGenerator<PageDocument[]> {
  let group: PageDocument[] = [];
  let chunks = 0;
  let index = 0;
  for await (const page of Array.isArray(pages) ? pages : abortable(pages, options)) {
    checkPage(page, `pages[${index++}]`);
    // Before embedding, so that what is embedded is what is stored.
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

/** Yields the same pages. The signal and the deadline also end the wait for a page that does not arrive. */
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
    // Not awaited: a generator that is still busy with a page returns only after it.
    if (!isDone) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

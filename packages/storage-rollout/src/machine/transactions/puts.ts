import type { MarkFilled, Put, ReadPage, Sync, TakePosition } from '../calls.js';
import { isAfter, isSamePosition, laterOf } from '../position.js';
import type { PageEntry, StoreRecords } from '../records.js';
import { isLogging, libraryOf, withLibrary } from '../records.js';
import { answered, type Outcome, refused } from './outcome.js';
import { mergeOperations, operationsOf } from './writes.js';

/**
 * Puts a state that the authority had, unless this side holds a newer one. Deleted pages keep their entry, so that a late
 * put of an earlier state does not bring them back.
 */
export function put(records: StoreRecords, call: Put): Outcome {
  const library = libraryOf(records, call.library);
  if (library.authority.holder === records.side) return refused(records, 'not-secondary');
  if (call.epoch < library.authority.epoch) return refused(records, 'stale-epoch');

  const held = library.pages[call.page];
  const differs = held !== undefined && isUsedTwice(held, call);
  const applied = held === undefined || differs || isAfter(call.position, held.position);
  const entry: PageEntry = { content: call.content, position: call.position, dirty: false };
  const seen = call.source === 'drain' ? laterOf(library.last, call.position) : library.last;
  const changed = withLibrary(records, call.library, {
    last: seen,
    pages: applied ? { ...library.pages, [call.page]: entry } : library.pages,
    operations: mergeOperations(library.operations, call.operations),
    filled: differs ? null : library.filled,
  });
  return answered(changed, { kind: 'put', applied, differs, seen, boot: records.boot });
}

/** Returns true if this side holds another state at the same position: more may differ than this page. */
function isUsedTwice({ position, content }: PageEntry, call: Put): boolean {
  return isSamePosition(position, call.position) && content.write !== call.content.write;
}

/** Makes durable what this store committed. After a reboot, some of it may be gone, and it has to be put again. */
export function sync(records: StoreRecords, { boot }: Sync): Outcome {
  return boot === records.boot ? answered(records) : refused(records, 'rebooted');
}

/** Reads the position at which a backfill begins: every page it reads unchanged since then had this state there. */
export function takePosition(records: StoreRecords, { library: name }: TakePosition): Outcome {
  const { authority, gaps } = libraryOf(records, name);
  if (authority.holder !== records.side) return refused(records, 'not-holder');
  // What the authority lost is still on the other side, and a later position would overwrite it there.
  if (gaps.length > 0) return refused(records, 'gap-open');
  if (!isLogging(records)) return refused(records, 'not-permitted');
  return answered(records, {
    kind: 'position',
    position: { epoch: authority.epoch, sequence: records.sequence },
  });
}

/** Reads a page for a backfill. One that was changed since is left to the drain. */
export function readPage(records: StoreRecords, { library: name, page, since }: ReadPage): Outcome {
  const library = libraryOf(records, name);
  if (library.authority.epoch !== since.epoch) return refused(records, 'stale-epoch');
  const entry = library.pages[page];
  if (entry === undefined) {
    return answered(records, { kind: 'page', content: { kind: 'deleted', write: 'absent' }, operations: [] });
  }
  if (isAfter(entry.position, since)) return answered(records, { kind: 'changed' });
  return answered(records, { kind: 'page', content: entry.content, operations: operationsOf(library, page) });
}

/** Records durably that this side holds everything but what the authority logs as dirty. */
export function markFilled(records: StoreRecords, { library: name, epoch, boot }: MarkFilled): Outcome {
  if (boot !== null && boot !== records.boot) return refused(records, 'rebooted');
  const { authority } = libraryOf(records, name);
  if (authority.epoch > epoch) return refused(records, 'stale-epoch');
  return answered(withLibrary(records, name, { filled: epoch }));
}

import type {
  CarryBack,
  Clear,
  CloseGaps,
  KeepConflict,
  Refusal,
  Relog,
  TakeChange,
  Write,
} from '../calls.js';
import { isSamePosition } from '../position.js';
import type { LibraryRecords, Operation, PageContent, PageEntry, StoreRecords } from '../records.js';
import { dirtyPages, isLogging, libraryOf, withLibrary } from '../records.js';
import { answered, type Outcome, refused } from './outcome.js';

/** Writes on the authority: checks the epoch, applies the write and logs the change, all in one transaction. */
export function write(records: StoreRecords, call: Write): Outcome {
  const library = libraryOf(records, call.library);
  const refusal = whyNotWriter(records, library, call.epoch);
  if (refusal !== null) return refused(records, refusal);

  const repeated = library.operations.find(({ operation }) => operation === call.operation);
  if (repeated !== undefined) {
    return answered(records, { kind: 'written', position: repeated.position, repeated: true });
  }
  const before = library.pages[call.page]?.content;
  if (call.action === 'delete' && before?.kind !== 'present') {
    const operations = [
      ...library.operations,
      { operation: call.operation, page: call.page, position: null },
    ];
    const answer = { kind: 'written', position: null, repeated: false } as const;
    return answered(withLibrary(records, call.library, { operations }), answer);
  }
  const written = [{ operation: call.operation, page: call.page }];
  if (call.action === 'delete') {
    return log(records, call.library, call.page, { kind: 'deleted', write: call.operation }, written);
  }
  const id = before?.kind === 'present' ? before.id : nextIdOf(records);
  const named = before?.kind === 'present' ? records : { ...records, nextId: id + 1 };
  return log(named, call.library, call.page, { kind: 'present', write: call.operation, id }, written);
}

/** Returns why a caller may not write here; null when it may. A writer without an epoch only meets the trigger. */
function whyNotWriter(
  { side }: StoreRecords,
  { authority }: LibraryRecords,
  epoch: number | null,
): Refusal | null {
  if (authority.holder !== side) return 'not-holder';
  return epoch !== null && epoch !== authority.epoch ? 'stale-epoch' : null;
}

/** Returns the id of the next page that this side names: each side counts in a range of its own. */
function nextIdOf(records: StoreRecords): number {
  return records.nextId;
}

/** Logs a state of a page as the next change. In `off` the triggers are gone, and nothing is logged. */
function log(
  records: StoreRecords,
  name: string,
  page: string,
  content: PageContent,
  written: readonly Omit<Operation, 'position'>[],
): Outcome {
  const library = libraryOf(records, name);
  const isLogged = isLogging(records);
  const sequence = records.sequence + (isLogged ? 1 : 0);
  const position = { epoch: library.authority.epoch, sequence };
  const changed = withLibrary({ ...records, sequence }, name, {
    last: position,
    pages: { ...library.pages, [page]: { content, position, dirty: isLogged } },
    operations: [...library.operations, ...written.map((operation) => ({ ...operation, position }))],
  });
  return answered(changed, { kind: 'written', position, repeated: false });
}

/** Reads the oldest change that the other side lacks, with the present state of its page. */
export function takeChange(records: StoreRecords, { library: name, seen }: TakeChange): Outcome {
  const library = libraryOf(records, name);
  const { authority, gaps } = library;
  if (
    seen !== null &&
    authority.holder === records.side &&
    isLonger(seen, authority.epoch, records.sequence)
  ) {
    return answered(records, { kind: 'behind', epoch: authority.epoch });
  }
  if (gaps.length > 0) return answered(records, { kind: 'gap', authority, gaps });
  const [oldest] = dirtyPages(library);
  if (oldest === undefined) return answered(records, { kind: 'clean', authority });
  const [page, { content, position }] = oldest;
  const operations = operationsOf(library, page);
  return answered(records, {
    kind: 'change',
    epoch: authority.epoch,
    change: { page, content, position, operations },
  });
}

function isLonger(seen: { epoch: number; sequence: number }, epoch: number, sequence: number): boolean {
  return seen.epoch === epoch && seen.sequence > sequence;
}

/** Returns the operations that wrote a page. */
export function operationsOf(library: LibraryRecords, page: string): readonly Operation[] {
  return library.operations.filter((operation) => operation.page === page);
}

/** Returns two lists of operations as one, each operation once. */
export function mergeOperations(a: readonly Operation[], b: readonly Operation[]): readonly Operation[] {
  const added = b.filter(({ operation }) => !a.some((known) => known.operation === operation));
  return added.length === 0 ? a : [...a, ...added];
}

/** Marks a page as held by the other side, unless it has changed since it was taken. */
export function clear(records: StoreRecords, { library: name, page, position }: Clear): Outcome {
  const library = libraryOf(records, name);
  const entry = library.pages[page];
  if (entry === undefined || !isSamePosition(entry.position, position)) return answered(records);
  const cleared: PageEntry = { ...entry, dirty: false };
  return answered(withLibrary(records, name, { pages: { ...library.pages, [page]: cleared } }));
}

/** Writes a lost state again, as a change of the present term, unless the page was written in a later one. */
export function carryBack(records: StoreRecords, call: CarryBack): Outcome {
  const library = libraryOf(records, call.library);
  const refusal = whyNotWriter(records, library, call.epoch);
  if (refusal !== null) return refused(records, refusal);

  const operations = mergeOperations(library.operations, call.operations);
  const carried = withLibrary(records, call.library, { operations });
  const entry = library.pages[call.page];
  if (entry !== undefined && entry.position.epoch > call.from.epoch) return answered(carried);
  return log(carried, call.library, call.page, call.content, []);
}

/** Logs a page once more, so that a drain delivers the state that it has. */
export function relog(records: StoreRecords, { library: name, page, epoch }: Relog): Outcome {
  const library = libraryOf(records, name);
  const refusal = whyNotWriter(records, library, epoch);
  if (refusal !== null) return refused(records, refusal);
  // A later position than that of a lost write would let nobody carry it back.
  if (library.gaps.length > 0) return refused(records, 'gap-open');
  if (!isLogging(records)) return refused(records, 'not-permitted');
  const content = library.pages[page]?.content ?? { kind: 'deleted', write: 'absent' };
  return log(records, name, page, content, []);
}

/** Keeps a state that a forced switch left behind, once. */
export function keepConflict(records: StoreRecords, { kind: _, ...conflict }: KeepConflict): Outcome {
  const { conflicts = [] } = records;
  const isKnown = conflicts.some(
    ({ library, page, position }) =>
      library === conflict.library && page === conflict.page && isSamePosition(position, conflict.position),
  );
  return answered(isKnown ? records : { ...records, conflicts: [...conflicts, conflict] });
}

/** Ends the search for lost changes of earlier terms. */
export function closeGaps(records: StoreRecords, { library: name, epoch }: CloseGaps): Outcome {
  const { authority } = libraryOf(records, name);
  if (authority.epoch !== epoch) return refused(records, 'stale-epoch');
  return answered(withLibrary(records, name, { gaps: [] }));
}

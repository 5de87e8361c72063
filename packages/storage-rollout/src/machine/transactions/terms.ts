import { ID_GAP } from '@switchyard/storage-core/backend';
import type { Admit, Announce, Change, Connect, Fence, Raise } from '../calls.js';
import type { AuthorityRow, Gap, LibraryRecords, StoreRecords } from '../records.js';
import { libraryOf, withLibrary } from '../records.js';
import { rankOf } from '../stages.js';
import { answered, type Outcome, refused } from './outcome.js';

/**
 * Connects to the store. After a reboot, a power cut may have taken the end of the log, and sequences and ids of what is
 * lost would be used again: the epochs this side holds are raised, and ids are skipped.
 */
export function connect(records: StoreRecords, { boot }: Connect): Outcome {
  if (records.boot === boot) return answered(records);
  let raised: StoreRecords = { ...records, boot, nextId: records.nextId + ID_GAP };
  for (const [name, library] of Object.entries(records.libraries)) {
    if (library.authority.holder === records.side)
      raised = withLibrary(raised, name, openGap(raised, library));
  }
  return answered(raised);
}

/** Begins a new term because the end of the present one may be lost. */
function openGap({ sequence }: StoreRecords, library: LibraryRecords): Partial<LibraryRecords> {
  const { epoch, holder } = library.authority;
  return { authority: { epoch: epoch + 1, holder }, gaps: [...library.gaps, { epoch, sequence }] };
}

/** Raises the epoch when the other side has seen more of this log than there is: a tail was lost, or a backup restored. */
export function raise(records: StoreRecords, { library: name, expected, seen }: Raise): Outcome {
  const library = libraryOf(records, name);
  if (library.authority.epoch !== expected) return refused(records, 'conflict');
  if (seen.epoch !== expected || seen.sequence <= records.sequence) return answered(records);
  const raised = { ...records, nextId: records.nextId + ID_GAP };
  return answered(withLibrary(raised, name, openGap(records, library)));
}

/** Follows a raised epoch, which refuses late puts of the earlier one, and returns what the authority lost. */
export function announce(records: StoreRecords, { library: name, authority, gaps }: Announce): Outcome {
  const library = libraryOf(records, name);
  if (authority.epoch < library.authority.epoch) return refused(records, 'stale-epoch');
  const orphans = Object.entries(library.pages).flatMap(([page, { content, position }]): Change[] => {
    const isLost = gaps.some((gap) => gap.epoch === position.epoch && position.sequence > gap.sequence);
    const operations = library.operations.filter((operation) => operation.page === page);
    return isLost ? [{ page, content, position, operations }] : [];
  });
  const filled = isStillFilled(library, authority, gaps) ? authority.epoch : library.filled;
  return answered(withLibrary(records, name, { authority, filled }), { kind: 'orphans', orphans });
}

/**
 * Returns true when this side will be complete once the gaps are closed. On the old side, writers that know nothing of the
 * rollout may have used lost positions again before anyone connected, so only a new backfill tells.
 */
function isStillFilled(library: LibraryRecords, { holder }: AuthorityRow, gaps: readonly Gap[]): boolean {
  return holder === 'new' && library.filled === gaps[0]?.epoch;
}

/**
 * Takes the library from this store, if its row has not changed since it was read. The log is complete from then on, and
 * draining it makes the other side equal.
 */
export function fence(records: StoreRecords, { library: name, expected, authority, filled }: Fence): Outcome {
  const library = libraryOf(records, name);
  if (library.authority.epoch !== expected) return refused(records, 'conflict');
  if (library.gaps.length > 0) return refused(records, 'gap-open');
  if (library.authority.holder === records.side && filled !== expected) return refused(records, 'not-filled');
  if (authority.holder === 'new' && rankOf(records.control.stage) < rankOf('live')) {
    return refused(records, 'not-permitted');
  }
  // This side has all that the other one will have, once it is drained.
  const stillFilled = library.authority.holder === records.side || library.filled === expected;
  return answered(withLibrary(records, name, { authority, filled: stillFilled ? authority.epoch : null }));
}

/** Begins a term of this side. The caller has found the other side fenced for it and clean. */
export function admit(records: StoreRecords, { library: name, epoch }: Admit): Outcome {
  const { authority } = libraryOf(records, name);
  if (authority.epoch === epoch && authority.holder === records.side) return answered(records);
  if (authority.epoch >= epoch) return refused(records, 'stale-epoch');
  return answered(withLibrary(records, name, { authority: { epoch, holder: records.side } }));
}

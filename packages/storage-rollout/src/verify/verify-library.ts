import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { CallOptions, StorageBackend } from '@switchyard/storage-core';
import type { ChangeLog, LogKey, LogPosition, LogRow } from '@switchyard/storage-core/backend';
import { otherSide, type Side } from '../machine/sides.js';
import { keyOfText } from '../stores/contents.js';
import { ABSENT, digestRow } from './row-digest.js';
import type { DifferingRow, LibraryVerification } from './verification.js';

/** Number of times that rows are looked at which were written in between. */
const ATTEMPTS = 4;

/** Number of differing rows that a report names. */
const ROWS_MAX = 100;

/** Number of rows after which other work of the process gets its turn. */
const TURN = 50;

/** Work of {@link verifyLibrary} on the stores. */
export interface LibraryToVerify {
  readonly library: string;
  /** Side that holds the library. */
  readonly holder: Side;
  readonly stores: Readonly<Record<Side, StorageBackend>>;
  readonly log: ChangeLog;
  /** Keys of the rows that either side has, as the machine names them. */
  readonly keys: readonly string[];
  /** Returns a position of which everything up to it was delivered; null if there is none now. */
  readonly position: () => Promise<LogPosition | null>;
}

/** Result of {@link verifyLibrary}. */
export interface LibraryResult {
  readonly report: LibraryVerification;
  /** Keys of all rows that differ, in the order of the request. */
  readonly differing: readonly string[];
}

type Verdict = 'undecided' | { readonly holder: string; readonly other: string };

/**
 * Compares the rows of a library by their digests. A row counts at one position: everything up to it was delivered, and the
 * holder has not written the row since. Others are looked at again, at a later position.
 */
export async function verifyLibrary(
  work: LibraryToVerify,
  options: CallOptions | undefined,
): Promise<LibraryResult> {
  const decided = new Map<string, Exclude<Verdict, 'undecided'>>();
  for (let attempt = 1; attempt <= ATTEMPTS && decided.size < work.keys.length; attempt++) {
    const since = await work.position();
    if (since === null) continue;
    let count = 0;
    for (const key of work.keys) {
      if (decided.has(key)) continue;
      const verdict = await compareRow(work, keyOfText(key), since, options);
      if (verdict !== 'undecided') decided.set(key, verdict);
      if (++count % TURN === 0) await setImmediate();
    }
  }
  const isDifferent = (key: string) => {
    const verdict = decided.get(key);
    return verdict !== undefined && verdict.holder !== verdict.other;
  };
  return { report: reportOf(work, decided), differing: work.keys.filter(isDifferent) };
}

async function compareRow(
  { library, holder, stores, log }: LibraryToVerify,
  key: LogKey,
  since: LogPosition,
  options: CallOptions | undefined,
): Promise<Verdict> {
  const read = async () => {
    const answer = await log.readPage(library, key, since, options);
    return 'change' in answer ? digestRow(answer.change.row) : null;
  };
  const own = await read();
  if (own === null) return 'undecided';
  const other = digestRow(await readRow(stores[otherSide(holder)], library, key, options));
  // Another row may be one that the holder has written and delivered since.
  return own === other || (await read()) === own ? { holder: own, other } : 'undecided';
}

/** Reads a row as the traffic would. */
async function readRow(
  { catalog }: StorageBackend,
  library: string,
  key: LogKey,
  options: CallOptions | undefined,
): Promise<LogRow | null> {
  if (key.kind === 'library') {
    const found = await catalog.library({ library }, options);
    return found === null ? null : { kind: 'library', library: found };
  }
  const version = { library, version: key.version };
  if (key.kind === 'version') {
    const found = await catalog.version(version, options);
    return found === null ? null : { kind: 'version', version: found };
  }
  const found = await catalog.page({ version, url: key.url }, options);
  if (found === null) return null;
  const [page] = await catalog.snapshot({ version, after: found.id - 1, limit: 1 }, options);
  return page === undefined || page.page.id !== found.id ? null : { kind: 'page', page };
}

function reportOf(
  { library, holder, keys }: LibraryToVerify,
  decided: ReadonlyMap<string, Exclude<Verdict, 'undecided'>>,
): LibraryVerification {
  const hashes = { old: createHash('sha256'), new: createHash('sha256') };
  const rows: DifferingRow[] = [];
  let differing = 0;
  for (const [key, verdict] of [...decided].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sides = { [holder]: verdict.holder, [otherSide(holder)]: verdict.other };
    hashes.old.update(`${key} ${sides.old}\n`);
    hashes.new.update(`${key} ${sides.new}\n`);
    if (verdict.holder === verdict.other) continue;
    differing++;
    if (rows.length >= ROWS_MAX) continue;
    const missingOn = sides.old === ABSENT ? 'old' : sides.new === ABSENT ? 'new' : null;
    rows.push({ key: keyOfText(key), missingOn });
  }
  return {
    library,
    compared: decided.size,
    differing,
    rows,
    undecided: keys.length - decided.size,
    digests: { old: hashes.old.digest('hex'), new: hashes.new.digest('hex') },
  };
}

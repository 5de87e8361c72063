import { checkMutation, type LogRow } from '@switchyard/storage-core/backend';
import type { Transaction } from '../database/session.js';
import { keyOf } from '../database/text.js';
import * as sql from '../sql/change-log.js';
import { deletePage, removeLibrary, removeVersion } from '../writes/deletions.js';
import { replacePage } from '../writes/pages.js';
import { putLibrary, putVersion } from '../writes/versions.js';
import { ChangedRows } from './changed-rows.js';
import { keyText } from './keys.js';
import type { Pending, RowWrite } from './records.js';

/** Writes what the records have collected. */
export async function flush(transaction: Transaction, pending: Pending): Promise<void> {
  const { query, state } = transaction;
  // Which of these rows are logged was decided by the records.
  const silent = { query, state, changes: new ChangedRows(query, false) };
  for (const row of pending.rows) await writeRow(silent, row);
  for (const [name, record] of pending.libraries) {
    await query(sql.PUT_LOGGED_LIBRARY, [keyOf(name), name, JSON.stringify(record)]);
  }
  await putEntries(transaction, [...pending.entries.values()]);
  for (const { library, operation } of pending.operations) {
    const { key } = operation;
    await query(sql.ADD_OPERATION, [
      keyOf(operation.operation),
      keyOf(library),
      key === null ? null : keyOf(keyText(key)),
      JSON.stringify(operation),
    ]);
  }
  for (const note of pending.notes) {
    await query(sql.PUT_NOTE, [keyOf(note.kind), keyOf(note.key), JSON.stringify(note)]);
  }
  if (pending.expires) await query(sql.EXPIRE_OPERATIONS);
  if (state.rollout === null) return;
  state.rollout.store = pending.store;
  if (state.rollout.nextId === null) state.lastId += pending.skipped;
  else state.rollout.nextId += pending.skipped;
}

async function writeRow(transaction: Transaction, write: RowWrite): Promise<void> {
  if (write.kind === 'put') return putRow(transaction, write.row, write.library);
  const { id, row } = write;
  switch (row) {
    case 'page':
      await deletePage(transaction, { pageId: id });
      return;
    case 'version':
      await removeVersion(transaction, {
        kind: 'removeVersion',
        version: { versionId: id },
        removeLibrary: false,
      });
      return;
    case 'library':
      await removeLibrary(transaction, { libraryId: id });
  }
}

/** @param parent Library of a version. */
async function putRow(transaction: Transaction, row: LogRow, parent: LogRow | null): Promise<void> {
  switch (row.kind) {
    case 'library':
      return putLibrary(transaction, row.library);
    case 'version':
      if (parent?.kind !== 'library') throw new TypeError('A version was put before its library.');
      return putVersion(transaction, parent.library, row.version);
    case 'page': {
      const { chunks } = row.page;
      const { versionId, ...page } = row.page.page;
      const mutation = { kind: 'replacePage', version: { versionId }, page, chunks } as const;
      checkMutation(mutation, transaction.state.profile?.dimension);
      await replacePage(transaction, versionId, mutation);
    }
  }
}

async function putEntries(
  { query }: Transaction,
  entries: readonly (Pending['entries'] extends Map<string, infer Entry> ? Entry : never)[],
): Promise<void> {
  if (entries.length === 0) return;
  await query(sql.PUT_ENTRIES, [
    entries.map(({ library }) => keyOf(library)),
    entries.map(({ entry }) => keyOf(keyText(entry.key))),
    entries.map(({ entry }) => JSON.stringify(entry.key)),
    entries.map(({ entry }) => entry.position.epoch),
    entries.map(({ entry }) => entry.position.sequence),
    entries.map(({ entry }) => entry.stamp),
    entries.map(({ entry }) => entry.dirty),
  ]);
}

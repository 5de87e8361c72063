import { statSync } from 'node:fs';
import Database from 'libsql';
import AsyncDatabase from 'libsql/promise';
import { describe, expect, it } from 'vitest';
import { WalCheckpointer } from '../src/store/wal-checkpointer.js';
import { tempFile } from './support/temp.js';

const FRAME_BYTES = 4096 + 24;
const ROWS = 300; // enough for a look at the log

/** A file that is written by hand, and its log, which only {@link WalCheckpointer} writes back. */
function writtenFile() {
  const file = tempFile();
  const database = new Database(file);
  for (const sql of ['PRAGMA journal_mode = WAL', 'PRAGMA wal_autocheckpoint = 0', 'CREATE TABLE t (b)'])
    database.exec(sql);
  /** One transaction of some ten pages. */
  const write = () => database.exec('INSERT INTO t VALUES (zeroblob(36000))');
  const frames = () => Math.floor(statSync(`${file}-wal`).size / FRAME_BYTES);
  return { file, database, write, frames };
}

/** A connection whose checkpoints begin only when the gate is opened. */
function gated(opened: Promise<void>, checkpoint: (run: () => Promise<unknown[]>) => Promise<unknown[]>) {
  return (file: string) => {
    const database = new AsyncDatabase(file, {});
    const prepare = database.prepare.bind(database);
    return Object.assign(database, {
      prepare: async (sql: string) => {
        const statement = await prepare(sql);
        const all = statement.all.bind(statement);
        return Object.assign(statement, {
          all: async () => {
            await opened;
            return checkpoint(() => all([]) as unknown as Promise<unknown[]>);
          },
        });
      },
    });
  };
}

describe('the size limit of the WAL', () => {
  it('holds if checkpoints are slower than the writer: the next write waits', async () => {
    const { file, database, write, frames } = writtenFile();
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const connect = gated(opened, (run) => run());
    const writeBack = new WalCheckpointer(file, { begin: 50, wait: 100, busyTimeoutMs: 1000, connect });
    while (writeBack.room() === null) {
      write();
      writeBack.committed(ROWS);
      expect(frames()).toBeLessThan(120);
    }
    expect(frames()).toBeGreaterThanOrEqual(100);
    const room = writeBack.room();
    open();
    await room;
    expect(writeBack.room()).toBeNull();
    const before = frames();
    for (let written = 0; written < 3; written++) write();
    expect(frames()).toBe(before); // restarted
    await writeBack.close();
    database.close();
  });

  it('holds during the checkpoint of another process, which is awaited', async () => {
    const { file, database, write, frames } = writtenFile();
    let busy = 3;
    const connect = gated(Promise.resolve(), async (run) =>
      busy-- > 0 ? [{ busy: 1, log: 100, checkpointed: 0 }] : run(),
    );
    const writeBack = new WalCheckpointer(file, { begin: 50, wait: 100, busyTimeoutMs: 60_000, connect });
    while (writeBack.room() === null) {
      write();
      writeBack.committed(ROWS);
    }
    await writeBack.room();
    expect(busy).toBe(-2); // once more, for what was written during the first pass
    const before = frames();
    write();
    expect(frames()).toBe(before);
    await writeBack.close();
    database.close();
  });
});

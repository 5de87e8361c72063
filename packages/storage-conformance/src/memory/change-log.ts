import { StorageError } from '@switchyard/storage-core';
import {
  type CallRunner,
  type ChangeLog,
  changeLogOver,
  OLD_SIDE_IDS,
} from '@switchyard/storage-core/backend';
import { MemoryLogRecords } from './log-records.js';
import { type IdKind, LogTables } from './log-tables.js';
import { type MemoryState, Tables } from './tables.js';

const idKinds: readonly IdKind[] = ['library', 'version', 'page', 'chunk'];

/** Returns the change log of a store in memory. There is nothing that could be more or less durable. */
export function memoryChangeLog(state: MemoryState, run: CallRunner): ChangeLog {
  return changeLogOver(
    {
      install: ({ side, boot, firstId = 1 }, options) =>
        run(options, () => {
          const tables = new Tables(state.tables);
          const { lastId } = tables;
          if (tables.log !== null) {
            const records = new MemoryLogRecords(tables);
            if (records.store().side !== side) {
              throw new StorageError(
                'STORAGE_CONSTRAINT',
                `The store is enrolled as the other side of a rollout.`,
                {
                  backend: 'memory',
                  outcome: 'not-applied',
                },
              );
            }
            return { lastId };
          }
          const store = {
            side,
            boot,
            sequence: 0,
            logs: true,
            revision: 1,
            stage: 'dualwrite',
            latched: false,
          } as const;
          tables.log = new LogTables({ store });
          const records = new MemoryLogRecords(tables);
          records.enrollLibraries();
          if (side === 'old') tables.lastId = Math.max(lastId, OLD_SIDE_IDS - 1);
          else for (const kind of idKinds) tables.log.nextIds.set(kind, Math.max(firstId, lastId + 1));
          state.tables = tables;
          return { lastId };
        }),
      remove: (options) =>
        run(options, () => {
          const tables = new Tables(state.tables);
          const { log } = tables;
          tables.log = null;
          state.tables = tables;
          return log !== null;
        }),
      triggers: (options) =>
        run(options, () => {
          new MemoryLogRecords(state.tables);
          return { missing: [] };
        }),
    },
    (kind, options, work) =>
      run(options, () => {
        const tables = new Tables(state.tables);
        const answer = work(new MemoryLogRecords(tables));
        if (kind !== 'read') state.tables = tables;
        return answer;
      }),
  );
}

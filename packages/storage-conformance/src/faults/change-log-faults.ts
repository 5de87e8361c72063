import type { StorageBackend } from '@switchyard/storage-core';
import type { ChangeLog } from '@switchyard/storage-core/backend';
import { logOf } from '../support/rollout-pair.js';
import { fault } from './fault.js';
import type { Changes } from './overlay.js';
import { replaceMembers } from './overlay.js';

/** Changes some calls of a change log. */
function changing(inner: StorageBackend, change: (log: ChangeLog) => Partial<ChangeLog>): Changes {
  const log = logOf(inner);
  return { changeLog: replaceMembers(log, change(log)) };
}

/** Backends whose change log loses or repeats something. */
export const changeLogFaults = [
  fault('puts-whatever-comes', 'change-log/older-puts-change-nothing', (inner) => {
    let sequence = 0;
    return changing(inner, (log) => ({
      putIfNewer: async (request, options) => {
        sequence += 1;
        const position = { epoch: request.change.position.epoch, sequence };
        return log.putIfNewer({ ...request, change: { ...request.change, position } }, options);
      },
    }));
  }),
  fault('forgets-deletions', 'change-log/puts-carry-everything', (inner) =>
    changing(inner, (log) => ({
      takeChange: async (library, seen, options) => {
        for (;;) {
          const taken = await log.takeChange(library, seen, options);
          if (!('change' in taken) || taken.change.row !== null) return taken;
          await log.clear(library, taken.change, options);
        }
      },
    })),
  ),
  fault('clears-what-has-changed', 'change-log/positions', (inner) =>
    changing(inner, (log) => ({
      clear: async (library, { key }, options) => {
        // Whatever position the key has by now.
        for (let sequence = 1; sequence < 9; sequence++) {
          await log.clear(library, { key, position: { epoch: 1, sequence } }, options);
        }
        return { done: true };
      },
    })),
  ),
  fault('checks-no-epoch', 'change-log/epochs', (inner) => ({
    apply: (mutations, options) => inner.apply(mutations, { ...options, epochs: undefined }),
  })),
  fault('repeats-operations', 'change-log/operations', (inner) => ({
    apply: (mutations, options) => inner.apply(mutations, { ...options, operationId: undefined }),
  })),
  fault('logs-nothing-again', 'change-log/rows-logged-again', (inner) =>
    changing(inner, () => ({ relog: async () => ({ done: true }) })),
  ),
  fault('keeps-notes-of-refused-changes', 'change-log/notes', (inner) =>
    changing(inner, (log) => ({
      changeStage: async ({ note, ...request }, options) => {
        if (note !== undefined) await log.putNote(note, options);
        return log.changeStage(request, options);
      },
    })),
  ),
  fault('notices-no-reboot', 'change-log/reboots', (inner) =>
    changing(inner, () => ({ connect: async () => ({ done: true }) })),
  ),
  fault('carries-any-stage', 'change-log/stage-of-both-sides', (inner) =>
    changing(inner, (log) => ({
      carryStage: async (row, options) => {
        const answer = await log.carryStage(row, options);
        return 'refused' in answer ? { done: true } : answer;
      },
    })),
  ),
  fault('forgets-libraries-of-off', 'change-log/libraries-of-off', (inner) => {
    let known: readonly string[] | null = null;
    return changing(inner, (log) => ({
      changeStage: async (request, options) => {
        known ??= await log.libraries();
        return log.changeStage(request, options);
      },
      libraries: async (options) => known ?? log.libraries(options),
    }));
  }),
  fault('stays-filled-after-a-reset', 'change-log/resets-void-markers', (inner) => {
    let filled: number | null = null;
    return changing(inner, (log) => ({
      markFilled: (library, epoch, at, options) => {
        filled = epoch;
        return log.markFilled(library, epoch, at, options);
      },
      readAuthority: async (library, options) => ({
        ...(await log.readAuthority(library, options)),
        filled,
      }),
    }));
  }),
  fault('keeps-what-came-first', 'change-log/positions-used-twice', (inner) => {
    const put = new Set<string>();
    return changing(inner, (log) => ({
      putIfNewer: async (request, options) => {
        const { key, position } = request.change;
        const place = JSON.stringify([key, position]);
        if (!put.has(place)) {
          put.add(place);
          return log.putIfNewer(request, options);
        }
        const seen = position;
        return { applied: false, differs: false, seen, boot: 'boot-1' };
      },
    }));
  }),
  fault('syncs-under-any-boot', 'change-log/reboots', (inner) =>
    changing(inner, () => ({ sync: async () => ({ done: true }) })),
  ),
  fault('admits-any-epoch', 'change-log/moving', (inner) =>
    changing(inner, (log) => ({
      admit: async (library, epoch, options) => {
        const answer = await log.admit(library, epoch, options);
        return 'refused' in answer ? { done: true } : answer;
      },
    })),
  ),
];

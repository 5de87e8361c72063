import { StorageError } from '@switchyard/storage-core';
import {
  type CallRunner,
  type ChangeLog,
  changeLogOver,
  type InstallRequest,
  type InstallResult,
  OLD_SIDE_IDS,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import type { Session, Transaction } from '../database/session.js';
import { COMMIT_DURABLY, FORGET_ROLLOUT } from '../sql/change-log.js';
import { Facts } from './facts.js';
import { notEnrolled, PostgresLogRecords } from './records.js';
import { transact } from './transact.js';

/** Creates the change log of a store. Its rules are those of every backend; they run over {@link PostgresLogRecords}. */
export function postgresChangeLog(session: Session, run: CallRunner): ChangeLog {
  const missing = (): never => {
    throw notEnrolled();
  };
  return changeLogOver(
    {
      install: (request, options) =>
        run(options, () =>
          session.write(options, async (transaction) => {
            await transaction.query(COMMIT_DURABLY);
            return install(transaction, request);
          }),
        ),
      remove: (options) =>
        run(options, () =>
          session.write(options, async ({ query, state }) => {
            const had = state.rollout !== null;
            if (had) await query(FORGET_ROLLOUT);
            state.rollout = null;
            return had;
          }),
        ),
      // There are none: the code that writes notes what it changes.
      triggers: (options) =>
        run(options, () =>
          session.snapshot(options, missing, async (_, { rollout }) =>
            rollout === null ? missing() : { missing: [] },
          ),
        ),
    },
    (kind, options, work) =>
      run(options, () => {
        if (kind === 'read') {
          return session.snapshot(options, missing, (query, state) => {
            const facts = new Facts();
            const changed = () => [];
            return facts.run(() => work(new PostgresLogRecords({ query, state, facts, changed })));
          });
        }
        return session.write(options, async (transaction) => {
          if (kind === 'durable') await transaction.query(COMMIT_DURABLY);
          return transact(transaction, work);
        });
      }),
  );
}

async function install(
  transaction: Transaction,
  { side, boot, firstId = 1 }: InstallRequest,
): Promise<InstallResult> {
  const { state } = transaction;
  const { lastId, rollout } = state;
  if (rollout !== null && rollout.store.side !== side) {
    throw refusal(`The store is enrolled as the ${rollout.store.side} side.`);
  }
  if (rollout === null) {
    const nextId = side === 'new' ? Math.max(firstId, lastId + 1) : null;
    if (nextId !== null && nextId >= OLD_SIDE_IDS) {
      throw refusal('The store has ids of 2^40 and above, which belong to the old side.');
    }
    const stage = { revision: 1, stage: 'dualwrite', latched: false } as const;
    state.rollout = { store: { ...stage, side, boot, sequence: 0, logs: true }, nextId };
    if (side === 'old') state.lastId = Math.max(lastId, OLD_SIDE_IDS - 1);
  }
  await transact(transaction, (records) => records.enrollLibraries());
  return { lastId };
}

function refusal(message: string): StorageError {
  return new StorageError('STORAGE_CONSTRAINT', `${message} Nothing was changed.`, {
    backend: BACKEND_NAME,
    outcome: 'not-applied',
  });
}

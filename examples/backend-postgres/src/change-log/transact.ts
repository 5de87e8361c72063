import type { CallOptions, Capabilities, Mutation, MutationResult } from '@switchyard/storage-core';
import {
  type ChangeLogRecords,
  checkMutations,
  isLoggedWrite,
  loggedWrite,
  unawareWrite,
  voidMarkers,
} from '@switchyard/storage-core/backend';
import { BACKEND_NAME } from '../capabilities.js';
import type { Transaction } from '../database/session.js';
import { applyAll } from '../writes/apply.js';
import { Facts } from './facts.js';
import { flush } from './flush.js';
import { PostgresLogRecords } from './records.js';

/** Runs synchronous work on the records of a transaction, and writes what it changed. */
export async function transact<T>(
  transaction: Transaction,
  work: (records: ChangeLogRecords, facts: Facts) => T,
): Promise<T> {
  const { query, state, changes } = transaction;
  const facts = new Facts();
  const { result, pending } = await facts.run(() => {
    const records = new PostgresLogRecords({ query, state, facts, changed: () => changes.keys });
    return { result: work(records, facts), pending: records.pending };
  });
  await flush(transaction, pending);
  return result;
}

/** Applies mutations in order, after all of them were checked, and logs them in a store that takes part in a rollout. */
export async function applyLogged(
  capabilities: Capabilities,
  transaction: Transaction,
  mutations: readonly Mutation[],
  options: CallOptions | undefined,
): Promise<readonly MutationResult[]> {
  const { state } = transaction;
  checkMutations(BACKEND_NAME, capabilities, state.profile, mutations, options);
  const isLogged = options !== undefined && isLoggedWrite(options);
  if (!isLogged && state.rollout === null) return applyAll(transaction, mutations);
  return transact(transaction, (records, facts) => {
    // The rules are asked first: they read all they need before the mutations are applied, once.
    const work = () => facts.need('results', () => applyAll(transaction, mutations));
    return isLogged
      ? loggedWrite(records, options, mutations, work)
      : unawareWrite(records, BACKEND_NAME, work);
  });
}

/** Makes no library count as complete on either side, after a change of all vectors that is not logged. */
export async function voidEveryMarker(transaction: Transaction): Promise<void> {
  if (transaction.state.rollout !== null) await transact(transaction, voidMarkers);
}

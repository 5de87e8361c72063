// Opens stores and images left by a kill and compares them with their expected content.

import { createBackend } from '../content/open-store.js';
import { createRandom } from '../harness/random.js';
import { serveTasks } from '../harness/task-server.js';
import type { Ledger } from './ledger.js';
import { type Verdict, verifyStore } from './verify.js';

/** Verification of one store. */
export interface VerifyTask {
  readonly connection: string;
  readonly token: string | undefined;
  /** Allowed states of the store. */
  readonly states: readonly Ledger[];
  readonly dimension: number;
  readonly seed: string;
}

serveTasks<VerifyTask>(async ({ connection, token, states, dimension, seed }, context) => {
  await context.step('verify');
  const backend = createBackend(connection, false, token);
  let verdict: Verdict;
  try {
    await backend.open();
    verdict = await verifyStore(backend, states, dimension, createRandom(seed));
  } catch (error) {
    const how =
      error instanceof Error
        ? `${'code' in error ? error.code : error.name}: ${error.message}`
        : String(error);
    verdict = { state: null, faults: [`it cannot be opened or read: ${how}`], compared: 0 };
  } finally {
    await backend.close().catch(() => undefined);
  }
  await context.result('verdict', verdict);
});

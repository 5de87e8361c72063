// Opens stores and images that a kill left and compares them with what they must hold.

import { createBackend } from '../content/open-store.js';
import { createRandom } from '../harness/random.js';
import { serveTasks } from '../harness/task-server.js';
import type { Ledger } from './ledger.js';
import { type Verdict, verifyStore } from './verify.js';

/** One store to verify. */
export interface VerifyTask {
  readonly connection: string;
  readonly token: string | undefined;
  /** The states it may be in. */
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
    verdict = { state: null, faults: [`it does not open or read: ${how}`], compared: 0 };
  } finally {
    await backend.close().catch(() => undefined);
  }
  await context.result('verdict', verdict);
});

import { TestContext } from './context.js';
import { type ContractTest, unmetNeed } from './contract-test.js';
import { explainFailure } from './explain-failure.js';
import type { ResolvedOptions } from './options.js';

/** Outcome of a contract test. */
export type Outcome =
  | { readonly state: 'passed' }
  | { readonly state: 'skipped'; readonly reason: string }
  | { readonly state: 'failed'; readonly error: unknown };

/** Runs one contract test on its own stores. Never rejects. */
export async function execute(test: ContractTest, options: ResolvedOptions): Promise<Outcome> {
  const context = new TestContext(options);
  let outcome: Outcome;
  try {
    outcome = await runOrSkip(test, context);
  } catch (error) {
    outcome = { state: 'failed', error: explainFailure(error, context.trace) };
  }
  try {
    await context.dispose();
  } catch (error) {
    if (outcome.state !== 'failed') outcome = { state: 'failed', error };
  }
  return outcome;
}

async function runOrSkip(test: ContractTest, context: TestContext): Promise<Outcome> {
  if (test.needs.length > 0) {
    const { backend, reopen } = await context.peek();
    const reason = unmetNeed(test.needs, backend.capabilities, { reopen: reopen !== undefined });
    if (reason !== null) return { state: 'skipped', reason };
  }
  await test.run(context);
  return { state: 'passed' };
}

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadlineIn, isStorageError, type Mutation } from '@switchyard/storage-core';
import fc from 'fast-check';
import type { ContractTest } from '../suite/contract-test.js';
import type { ConformanceOptions, InterruptibleStore } from '../suite/options.js';
import { chunk, fastify, replacePage } from '../support/build.js';

/** Milliseconds a store gets to work again after an interruption. */
const RECOVERY_MS = 30_000;
/** Timeout of an interrupted write: some interruptions never end by themselves. */
const PATIENCE_MS = 5_000;

/** One write and the time of its interruption. */
interface Round {
  /** A page alone; with a status change, which needs a transaction; or the deletion of a page. */
  readonly write: 'page' | 'list' | 'deletion';
  readonly interruptAfterMs: number;
  readonly chance: number;
}

const rounds: fc.Arbitrary<Round> = fc.record({
  write: fc.constantFrom('page', 'page', 'list', 'deletion'),
  interruptAfterMs: fc.integer({ min: 0, max: 25 }),
  chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

/** One contract test for each way of interrupting writes that the options provide. */
export function outcomeTests({
  interruptions = {},
}: Pick<ConformanceOptions, 'interruptions'>): ContractTest[] {
  return Object.entries(interruptions).map(([name, create]) => ({
    id: `outcomes/${name}`,
    title: `what an error says of the outcome of a write is true (${name})`,
    needs: [],
    run: async ({ options }) => {
      const store = await create();
      try {
        await store.backend.open();
        await settled(() => store.backend.apply([{ kind: 'resolveVersion', ...fastifyNames() }]));
        const sample = fc.sample(rounds, { numRuns: options.runs, seed: options.seed });
        for (const [index, round] of sample.entries()) await check(store, round, index);
      } finally {
        await store.restore();
        await store.backend.close();
        await store.cleanup?.();
      }
    },
  }));
}

async function check(store: InterruptibleStore, round: Round, index: number): Promise<void> {
  const { backend } = store;
  const url = `/outcome-${index}`;
  const isDeletion = round.write === 'deletion';
  if (isDeletion) await settled(() => backend.apply([page(url)]));
  const interrupted = sleep(round.interruptAfterMs).then(() => store.interrupt(round.chance));
  const error = await backend.apply(mutations(round, url), { deadline: deadlineIn(PATIENCE_MS) }).then(
    () => null,
    (reason: unknown) => reason,
  );
  await interrupted;
  await store.restore();
  const isThere = (await settled(() => backend.catalog.chunksByUrl(fastify, url))).length > 0;
  const isApplied = isThere !== isDeletion;
  const what = `round ${index}, ${JSON.stringify(round)}`;
  if (error === null) return assert.ok(isApplied, `An acknowledged write is not stored: ${what}`);
  if (!isStorageError(error)) throw error;
  const { outcome, message } = error;
  assert.ok(
    outcome === 'not-applied' || outcome === 'unknown',
    `outcome ${outcome} of "${message}": ${what}`,
  );
  if (outcome === 'not-applied')
    assert.ok(!isApplied, `not-applied, but it is stored: "${message}", ${what}`);
}

function mutations({ write }: Round, url: string): readonly Mutation[] {
  switch (write) {
    case 'page':
      return [page(url)];
    case 'list':
      return [page(url), { kind: 'setVersionStatus', version: fastify, status: 'running' }];
    case 'deletion':
      return [{ kind: 'deletePage', page: { version: fastify, url } }];
  }
}

function page(url: string): Mutation {
  return replacePage(fastify, url, [chunk(`zebra ${'okapi '.repeat(300)}`), chunk('quagga')]);
}

function fastifyNames(): { readonly library: string; readonly version: string } {
  assert.ok('library' in fastify);
  return fastify as { readonly library: string; readonly version: string };
}

/** Retries a call until it succeeds: the store may need some time after an interruption. */
async function settled<T>(call: () => Promise<T>): Promise<T> {
  const giveUp = Date.now() + RECOVERY_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isStorageError(error) || !error.retryable || Date.now() > giveUp) throw error;
      await sleep(50);
    }
  }
}

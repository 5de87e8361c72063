// Writes to a store until it is killed. Reports every operation to its parent before it begins and when it is
// acknowledged: the message is in the pipe, beyond the reach of a kill, before the writer continues.
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { DocumentStore, isStorageError } from '@switchyard/storage-core';
import { createBackend } from '../content/open-store.js';
import { makePage, soakEmbedder } from '../content/pages.js';
import { createRandom } from '../harness/random.js';
import { applied, type Ledger, type Operation } from './ledger.js';
import type { FromWriter, ToWriter } from './messages.js';
import { countApplied, nextOperation, perform } from './operations.js';

/** Time in milliseconds for which a request of a killed child may still be on its way to a running server. */
const SETTLE_MS = 150;
const PATIENCE_MS = 60_000;
/** Interval, in operations, at which the words of a page are searched for right after it was acknowledged. */
const SEARCH_EVERY = 4;
/**
 * Probability of opening the store a second time in the same process, correctly or with the scheme of another backend.
 */
const OPEN_AGAIN = 1 / 30;

let paused: { readonly resumed: Promise<void>; readonly resume: () => void } | null = null;

process.on('message', (message: ToWriter) => {
  if (message.type === 'write') void write(message);
  else if (message.type === 'resume') {
    paused?.resume();
    paused = null;
  } else {
    let resume = (): void => undefined;
    const resumed = new Promise<void>((resolve) => {
      resume = resolve;
    });
    paused ??= { resumed, resume };
  }
});
process.on('disconnect', () => process.exit(0));

function tell(message: FromWriter): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

async function write({
  connection,
  token,
  dimension,
  seed,
  ledger: begun,
}: Extract<ToWriter, { type: 'write' }>): Promise<void> {
  const random = createRandom(seed);
  const store = await patiently(() =>
    DocumentStore.open({
      backend: createBackend(connection, false, token),
      embedder: soakEmbedder(dimension),
      metric: 'l2',
    }),
  );
  await tell({ type: 'open' });
  let ledger: Ledger = begun;
  for (let count = 0; ; count++) {
    // A synchronous driver in this process never yields, so a pause message would not be received.
    await turn();
    if (paused !== null) {
      await tell({ type: 'paused' });
      await paused.resumed;
    }
    if (random.chance(OPEN_AGAIN)) await openAgain(connection, token, random.chance(0.5));
    const operation = nextOperation(random, ledger, `${seed}.${count}`);
    ledger = applied(ledger, await attempt(store, operation, dimension, count));
  }
}

/** Performs an operation and returns its effect. */
async function attempt(
  store: DocumentStore,
  operation: Operation,
  dimension: number,
  count: number,
): Promise<Operation> {
  await tell({ type: 'begin', operation });
  try {
    await perform(store, operation, dimension);
  } catch (error) {
    return settle(store, operation, error);
  }
  await tell({ type: 'acknowledged' });
  if (count % SEARCH_EVERY === 0) await expectFound(store, operation, dimension);
  return operation;
}

async function settle(store: DocumentStore, operation: Operation, error: unknown): Promise<Operation> {
  if (!isStorageError(error) || error.outcome === undefined) {
    await tell({ type: 'fault', message: `A write failed without an outcome: ${describe(error)}` });
  } else if (error.outcome === 'not-applied') {
    await tell({ type: 'refused', code: error.code });
    await pause(5);
    return [];
  }
  await pause(SETTLE_MS);
  const count = await patiently(() => countApplied(store, operation));
  await tell({ type: 'resolved', code: isStorageError(error) ? error.code : 'none', applied: count });
  return operation.slice(0, count);
}

/** An acknowledged write must be visible to the next read, whichever process answers it. */
async function expectFound(store: DocumentStore, [change]: Operation, dimension: number): Promise<void> {
  if (change?.kind !== 'page') return;
  const chunk = makePage(change.key, change.url, dimension).chunks.find(
    ({ metadata }) => metadata.types[0] === 'text',
  );
  if (chunk === undefined) return;
  const { library, version } = change.version;
  try {
    const [hit] = await store.search(library, version, chunk.word, { limit: 1, vector: chunk.vector });
    if (hit?.content === chunk.content) return;
    await tell({ type: 'fault', message: `Acknowledged and not found: ${chunk.word} of ${change.url}` });
  } catch (error) {
    // A search may fail while its process or server is being killed.
    if (!isStorageError(error)) await tell({ type: 'fault', message: `A search failed: ${describe(error)}` });
  }
}

/** Opening and closing a store again, or being refused, must not drop the locks of the open one. */
async function openAgain(connection: string, token: string | undefined, otherScheme: boolean): Promise<void> {
  const again = createBackend(otherScheme ? inOtherScheme(connection) : connection, true, token);
  try {
    await again.open();
  } catch (error) {
    if (!isStorageError(error))
      await tell({ type: 'fault', message: `Opening again failed: ${describe(error)}` });
  } finally {
    await again.close().catch(() => undefined);
  }
}

/** Returns the connection string by which another backend opens the same file; the given one if there is none. */
function inOtherScheme(connection: string): string {
  // @legacy-begin
  if (connection.startsWith('sqlite-vec:')) return connection.slice('sqlite-vec:'.length);
  const isFile = !connection.includes('://') && !connection.includes('syncUrl');
  if (isFile) return `sqlite-vec:${connection.split('?')[0]}`;
  // @legacy-end
  return connection;
}

/** Retries until a server or child is available again. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      if (isStorageError(error) && error.retryable && Date.now() < deadline) {
        await pause(20);
        continue;
      }
      await tell({ type: 'fault', message: `It does not recover: ${describe(error)}` });
      throw error;
    }
  }
}

function describe(error: unknown): string {
  if (isStorageError(error)) return `${error.code} (${error.outcome}): ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

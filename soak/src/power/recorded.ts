// The program whose writes and syncs are recorded: FOLDER SCHEME SEED OPERATIONS DIMENSION [rollback-journal]. Writes a
// store, closes it in between, and marks every operation in a separate file.
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DocumentStore } from '@switchyard/storage-core';
import { createBackend } from '../content/open-store.js';
import { soakEmbedder } from '../content/pages.js';
import { applied, type Ledger } from '../crash/ledger.js';
import { nextOperation, perform } from '../crash/operations.js';
import { openPlain } from '../harness/plain-sqlite.js';
import { createRandom } from '../harness/random.js';
import { MARKS } from './events.js';

const [folder = '', scheme = '', seed = '', operations = '', dimension = '', journal] = process.argv.slice(2);
const marks = openSync(join(folder, MARKS), 'a');
const random = createRandom('power', seed);

const open = (): Promise<DocumentStore> =>
  DocumentStore.open({
    backend: createBackend(`${scheme}${join(folder, 'store.db')}`),
    embedder: soakEmbedder(Number(dimension)),
    metric: 'l2',
  });

/** The mode is stored in the file. */
function useRollbackJournal(): void {
  const database = openPlain(join(folder, 'store.db'));
  database.pragma('journal_mode = DELETE');
  database.close();
}

let store = await open();
let ledger: Ledger = {};
for (let i = 0; i < Number(operations); i++) {
  if (i === Math.floor(Number(operations) / 5)) {
    await store.close();
    if (journal === 'rollback-journal') useRollbackJournal();
    store = await open();
  }
  const operation = nextOperation(random, ledger, `${seed}.${i}`);
  writeSync(marks, `begin ${JSON.stringify(operation)}\n`);
  await perform(store, operation, Number(dimension));
  writeSync(marks, 'acknowledged\n');
  ledger = applied(ledger, operation);
  // The WAL is checkpointed in the background.
  if (i % 8 === 0) await pause(2);
}
await store.close();
process.exit(0);

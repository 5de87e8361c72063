// node second-opens.mjs STEP KIND FILE, where KIND is libsql, legacy or own-driver. Steps: hold (opens, does everything a
// process may do to a file that it has open, then writes at a signal), visit (another process opens, writes and ends).
import { createRequire } from 'node:module';
import { Readable, Writable } from 'node:stream';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module';
import { run } from '@switchyard/cli';
import { convertLegacyStore, LegacySource, planConversion } from '@switchyard/legacy-conversion';
import { createContainer } from '@switchyard/storage-container';
import { DocumentStore, verifyStores } from '@switchyard/storage-core';

const [step, kind, file] = process.argv.slice(2);
const container = createContainer({ modules: [libsqlModule, sqliteVecModule], env: {} });
const isLibsql = kind === 'libsql';
const [right, wrong] = isLibsql
  ? [`file:${file}`, `sqlite-vec:${file}`]
  : [`sqlite-vec:${file}`, `file:${file}`];
const place = ['lib', '1'];
const say = (text) => process.stdout.write(`${text}\n`);

const openDocuments = () => DocumentStore.open({ backend: container.createBackend(right) });
const page = (url) => ({
  url,
  title: url,
  chunks: [{ content: `word ${url} `.repeat(100), metadata: { types: ['text'], level: 1, path: [] } }],
});

async function writer() {
  if (kind !== 'own-driver') {
    const store = await openDocuments();
    return (name) => store.addPage(...place, page(name));
  }
  // The application has a driver of its own, and has the file open with it.
  const Database = createRequire(new URL('../../../backend-sqlite-vec/package.json', import.meta.url))(
    'better-sqlite3',
  );
  const database = new Database(file);
  const insert = database.prepare('INSERT INTO libraries (name) VALUES (?)');
  return async (name) => void insert.run(name);
}

async function command(...args) {
  const sink = () =>
    Object.assign(new Writable({ write: (_text, _encoding, done) => done() }), { isTTY: false });
  await run({
    args,
    env: {},
    stdin: Readable.from([]),
    stdout: sink(),
    stderr: sink(),
    signal: new AbortController().signal,
  });
}

async function openAndClose(connection) {
  const backend = container.createBackend(connection);
  await backend.open();
  await backend.close();
}

async function refused(connection) {
  await openAndClose(connection).then(
    () => {
      throw new Error(`${connection} was opened`);
    },
    (error) => {
      if (error.code !== 'STORAGE_SCHEMA_UNSUPPORTED') throw error;
    },
  );
}

async function readLegacy() {
  const [one, other] = [new LegacySource({ path: file }), new LegacySource({ path: file })];
  await one.open();
  await other.open();
  await verifyStores(one, other, { deep: true });
  await one.close();
  await other.close();
}

if (step === 'visit') {
  const store = await openDocuments();
  await store.addPage(...place, page('visitor'));
  say('ACK visitor');
  await store.close();
} else {
  const write = await writer();
  await write('first');
  say('ACK first');
  await openAndClose(right);
  await refused(wrong);
  await command('inspect', right);
  await command('doctor', right);
  await command('verify', right, right);
  await command('copy', right, `file:${file}.copy.db`);
  await command('libraries', wrong);
  if (!isLibsql) {
    const target = { type: 'file', path: `${file}.new.db` };
    await planConversion({ source: file, target });
    await convertLegacyStore({ source: file, target });
    await readLegacy();
    await command('convert', file, '--in-place'); // refused: this process has it open
  }
  globalThis.gc?.();
  say('READY');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  for (let number = 1; number <= 20; number++) {
    await write(`later ${number}`);
    say(`ACK later ${number}`);
  }
  say('DONE');
  setInterval(() => undefined, 1000);
}

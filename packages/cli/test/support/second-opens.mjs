// node second-opens.mjs STEP KIND FILE, where KIND is libsql or one of those in legacyVariant. Steps: hold (opens, does everything a
// process may do to a file that it has open, then writes at a signal), visit (another process opens, writes and ends).
import { Readable, Writable } from 'node:stream';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import { run } from '@switchyard/cli';
import { createContainer } from '@switchyard/storage-container';
import { DocumentStore } from '@switchyard/storage-core';
import { legacyVariant } from './legacy/second-opens.mjs'; // @legacy

const [step, , file] = process.argv.slice(2);
const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];
const container = createContainer({ modules, env: {} });
const { right, wrong, openWriter, convert } = {
  right: `file:${file}`,
  wrong: null,
  openWriter: null,
  convert: null,
  ...legacyVariant(...process.argv.slice(3)), // @legacy
};
const place = ['lib', '1'];
const say = (text) => process.stdout.write(`${text}\n`);

const openDocuments = () => DocumentStore.open({ backend: container.createBackend(right) });
const page = (url) => ({
  url,
  title: url,
  chunks: [{ content: `word ${url} `.repeat(100), metadata: { types: ['text'], level: 1, path: [] } }],
});

async function writer() {
  if (openWriter !== null) return openWriter();
  const store = await openDocuments();
  return (name) => store.addPage(...place, page(name));
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
  if (wrong !== null) await refused(wrong);
  await command('inspect', right);
  await command('doctor', right);
  await command('verify', right, right);
  await command('copy', right, `file:${file}.copy.db`);
  if (wrong !== null) await command('libraries', wrong);
  await convert?.(command);
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

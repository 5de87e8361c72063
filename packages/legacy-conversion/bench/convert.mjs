/**
 * How long converting a legacy store takes, as a ratio to `VACUUM INTO` of the same file in the same run, and how much
 * memory it needs at most.
 *
 *   node packages/legacy-conversion/bench/convert.mjs [--chunks 50000] [--dim 768] [--runs 3]
 *
 * The store is created for each run, with the text of the repository's own documentation and random vectors of length 1, as an
 * application would: through better-sqlite3 and sqlite-vec. Each conversion runs in a process of its own.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const { values } = parseArgs({
  options: {
    chunks: { type: 'string', default: '50000' },
    dim: { type: 'string', default: '768' },
    runs: { type: 'string', default: '3' },
    child: { type: 'string' },
    file: { type: 'string' },
  },
});

if (values.child !== undefined) await runChild(values.child, values.file);
else await main(Number(values.chunks), Number(values.dim), Number(values.runs));

async function main(chunks, dim, runs) {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-convert-'));
  try {
    const file = join(folder, 'legacy.db');
    await makeStore(file, chunks, dim);
    console.log(`${chunks} chunks, ${dim} dimensions, ${mebibytes(statSync(file).size)} MiB`);
    const results = [];
    for (let run = 0; run < runs; run++) {
      const vacuum = child('vacuum', file);
      const convert = child('convert', file);
      results.push({ vacuum, convert });
      console.log(
        `VACUUM INTO ${show(vacuum.seconds)} (${show(vacuum.cpu)} CPU); ` +
          `convert ${show(convert.convert)} (${show(convert.convertCpu)} CPU), compare ${show(convert.verify)}; ` +
          `at most ${convert.peak} MiB`,
      );
    }
    const median = (pick) => results.map(pick).sort((a, b) => a - b)[Math.floor(results.length / 2)];
    console.log(
      `median ratio to VACUUM INTO: converting ${median(({ vacuum, convert }) => convert.convert / vacuum.seconds).toFixed(2)} ` +
        `(CPU ${median(({ vacuum, convert }) => convert.convertCpu / vacuum.cpu).toFixed(2)}), ` +
        `with comparison ${median(({ vacuum, convert }) => convert.seconds / vacuum.seconds).toFixed(2)} ` +
        `(CPU ${median(({ vacuum, convert }) => convert.cpu / vacuum.cpu).toFixed(2)})`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function child(name, file) {
  const args = [fileURLToPath(import.meta.url), '--child', name, '--file', file];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

async function runChild(name, file) {
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const cpu = () => {
    const { user, system } = process.cpuUsage(cpuBefore);
    return (user + system) / 1e6;
  };
  const target = `${file}.${name}`;
  let more = {};
  if (name === 'vacuum') {
    const { default: Database } = await import('libsql');
    new Database(file).exec(`VACUUM INTO '${target}'`);
  } else {
    // Without the child process that convertLegacyStore() starts: this one is measured.
    const { convertHere } = await import('../dist/convert.js');
    let convertCpu = 0;
    const { seconds } = await convertHere({
      source: file,
      target: { type: 'file', path: target },
      onProgress: ({ step }) => {
        if (step === 'convert') convertCpu = cpu();
      },
    });
    more = { ...seconds, convertCpu };
  }
  const seconds = (performance.now() - started) / 1000;
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(JSON.stringify({ seconds, cpu: cpu(), peak, ...more }));
  for (const ending of ['', '.conversion-report.jsonl']) rmSync(`${target}${ending}`, { force: true });
}

/** Writes through the backend of the legacy format for the schema, and in bulk for the rows. */
async function makeStore(file, chunks, dim) {
  const require = createRequire(join(root, 'packages/backend-sqlite-vec/package.json'));
  const { SqliteVecBackend } = await import(join(root, 'packages/backend-sqlite-vec/dist/index.js'));
  const backend = new SqliteVecBackend({ path: file });
  await backend.open();
  await backend.vectors.reconcile({ model: 'bench:random', dimension: dim }, 'refuse');
  const libraries = ['one', 'two', 'three', 'four', 'five'];
  for (const library of libraries)
    await backend.apply([{ kind: 'resolveVersion', library, version: '1.0.0' }]);
  await backend.close();

  const Database = require('better-sqlite3');
  const database = new Database(file);
  require('sqlite-vec').load(database);
  database.pragma('synchronous = OFF');
  const triggers = database
    .prepare(`SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'documents_%'`)
    .all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
  const addPage = database.prepare('INSERT INTO pages (version_id, url, title) VALUES (?, ?, ?)');
  const addChunk = database.prepare(
    'INSERT INTO documents (page_id, content, metadata, sort_order, embedding) VALUES (?, ?, ?, ?, ?)',
  );
  const addVector = database.prepare(
    'INSERT INTO documents_vec (rowid, library_id, version_id, embedding) VALUES (?, ?, ?, ?)',
  );
  const texts = documentation();
  const perVersion = Math.ceil(chunks / libraries.length);
  const random = generator(1);
  const vector = new Float32Array(dim);
  let page = 0n;
  database.exec('BEGIN');
  for (let i = 0; i < chunks; i++) {
    const version = BigInt(1 + Math.floor(i / perVersion));
    const order = (i % perVersion) % 7;
    if (order === 0)
      page = BigInt(addPage.run(version, `https://example.org/${i}`, `Page ${i}`).lastInsertRowid);
    fillUnit(vector, random);
    const metadata = JSON.stringify({ types: ['text'], level: 1, path: ['Guide', `Part ${i % 50}`] });
    const text = `${texts[i % texts.length]} ${i}`;
    const json = JSON.stringify(Array.from(vector));
    const id = BigInt(addChunk.run(page, text, metadata, BigInt(order), json).lastInsertRowid);
    addVector.run(id, version, version, Buffer.from(vector.buffer));
  }
  database.exec(`
    INSERT INTO documents_fts (rowid, content, title, url, path)
    SELECT documents.id, content, title, url, json_extract(metadata, '$.path')
    FROM documents JOIN pages ON pages.id = documents.page_id`);
  database.exec('COMMIT');
  for (const { sql } of triggers) database.exec(sql);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

/** Pieces of 1,800 characters of the repository's own documentation. */
function documentation() {
  const text = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(root, 'docs', name), 'utf8'))
    .join('\n');
  const pieces = [];
  for (let at = 0; at + 1800 <= text.length; at += 450) pieces.push(text.slice(at, at + 1800));
  return pieces;
}

function fillUnit(vector, random) {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) {
    vector[i] = random() + random() - 1;
    sum += vector[i] ** 2;
  }
  const length = Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i] /= length;
}

/** Mulberry32, so that every run measures the same store. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function mebibytes(bytes) {
  return Math.round(bytes / 1024 / 1024);
}

function show(seconds) {
  return `${seconds.toFixed(1)} s`;
}

/**
 * Runs several commands of an installed copy of the CLI in one process: `node run-all.mjs FOLDER`, with one JSON array of
 * arguments on each line of stdin. Prints `{code, stdout, stderr}` as JSON, one line for each.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const [folder] = process.argv.slice(2);
const from = createRequire(join(folder, 'package.json'));
const { run } = await import(pathToFileURL(from.resolve('@switchyard/cli')).href);

function collector() {
  const pieces = [];
  const stream = new Writable({
    write(piece, _encoding, done) {
      pieces.push(piece.toString());
      done();
    },
  });
  return { stream, text: () => pieces.join('') };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [stdout, stderr] = [collector(), collector()];
  const code = await run({
    args: JSON.parse(line),
    env: {},
    stdin: Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal: new AbortController().signal,
  });
  console.log(JSON.stringify({ code, stdout: stdout.text(), stderr: stderr.text() }));
}
process.exit(0);

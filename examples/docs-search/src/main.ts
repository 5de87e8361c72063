import { resolve } from 'node:path';
import { isStorageError } from '@switchyard/storage-core';
import { parseArguments, usage } from './arguments.js';
import { loadDocumentation } from './documentation.js';
import { toJson } from './report/json.js';
import { createProgress } from './report/progress.js';
import { toText } from './report/text.js';
import { runDemo } from './run-demo.js';

async function main(): Promise<void> {
  const { keep, all, json, help, show } = parseArguments(process.argv.slice(2));
  if (help) return void process.stdout.write(usage);
  const controller = new AbortController();
  // Exits cleanly: stores are closed and the temporary folder is removed. A second Ctrl-C exits immediately.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  const warn = (message: string) => void process.stderr.write(`Note: ${message}\n`);
  const started = performance.now();
  const result = await runDemo({
    // Relative to the user's working directory: npm runs workspace scripts elsewhere.
    keep: keep === null ? null : resolve(process.env.INIT_CWD ?? process.cwd(), keep),
    documentation: await loadDocumentation(all, warn),
    progress: createProgress(process.stderr),
    signal: controller.signal,
  });
  const seconds = (performance.now() - started) / 1000;
  const report = json
    ? toJson(result, seconds)
    : toText(result, { show, columns: process.stdout.columns ?? 120, seconds });
  process.stdout.write(`${report}\n`);
}

main().catch((error: unknown) => {
  if (isStorageError(error, 'STORAGE_ABORTED')) {
    process.stderr.write('Stopped.\n');
    process.exitCode = 130;
    return;
  }
  const code = isStorageError(error) ? ` [${error.code}]` : '';
  process.stderr.write(`error${code}: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof TypeError) process.stderr.write(`\n${usage}`);
  process.exitCode = 1;
});

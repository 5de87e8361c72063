import process from 'node:process';
import { exitCodes } from './exit-codes.js';
import { run } from './run.js';

const interruption = new AbortController();

/** The first signal ends the command cleanly, the second one immediately. */
function onSignal(code: number): void {
  if (interruption.signal.aborted) process.exit(code);
  interruption.abort(code);
}
process.on('SIGINT', () => onSignal(exitCodes.interrupted));
process.on('SIGTERM', () => onSignal(exitCodes.terminated));

/** A reader that has seen enough (`switchyard … | head`) is not a failure: the command ends cleanly and quietly. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  interruption.abort(exitCodes.ok);
});
/** Without a reader for progress and notes, the work continues. */
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const code = await run({
  args: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
});
// Handles that a driver left open must not keep the command alive once everything is written.
for (const stream of [process.stdout, process.stderr]) {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}
process.exit(code);

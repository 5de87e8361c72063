import { createInterface } from 'node:readline';
import type { Answer, Question } from './messages.js';
import { readFacts } from './read-facts.js';

/** Program of the detection process: see `Detector`. Exits when its standard input closes. */

function answer({ id, path }: Question): Answer {
  try {
    return { id, facts: readFacts(path) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { id, failure: { code: code ?? null, message } };
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdout.on('error', () => process.exit(0)); // the parent is gone

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => process.stdout.write(`${JSON.stringify(answer(JSON.parse(line) as Question))}\n`));
lines.on('close', () => process.exit(0));

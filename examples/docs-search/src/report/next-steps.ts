import { dirname, join, relative } from 'node:path';
import { SOURCE } from '../stores.js';
import type { DemoResult } from './result.js';

/** Commands to try next, which work as printed. */
export function nextSteps({ stores, documentation }: DemoResult): string {
  if (stores === null) {
    return [
      'Try next:',
      '  npm run demo -- --keep demo-stores      # the same, keeping both stores to look into',
      '  npx @switchyard/cli --help',
    ].join('\n');
  }
  const libsql = shell(fromHere(stores.libsql));
  const source = shell(`${SOURCE.scheme}${fromHere(stores.source)}`);
  const library = documentation[0]?.library ?? 'fastify';
  return [
    'Try next:',
    `  npx @switchyard/cli search ${libsql} ${library} "How do I write a plugin?"`,
    `  npx @switchyard/cli search ${source} ${library} "How do I write a plugin?"`,
    `  npx @switchyard/cli libraries ${libsql}`,
    `  npx @switchyard/cli inspect ${libsql}`,
    `  npx @switchyard/cli copy ${source} ${shell(fromHere(join(dirname(stores.libsql), 'copy.db')))}`,
  ].join('\n');
}

/** Path relative to the user's working directory: npm runs workspace scripts elsewhere. */
function fromHere(path: string): string {
  const way = relative(process.env.INIT_CWD ?? process.cwd(), path);
  return way.startsWith('..') ? path : way;
}

function shell(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('error [CREATE_NOT_BUILT]: create-backend is not built yet.');
  console.error('  Run `npm ci` (or `npm run build`) in the repository, then try again.');
  process.exitCode = 1;
}

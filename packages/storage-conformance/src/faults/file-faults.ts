import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryBackend } from '../memory/index.js';
import type { CreatedStore } from '../suite/options.js';
import type { Fault } from './fault.js';
import { overlay } from './overlay.js';

/** Creates a store that creates its file when it is opened. */
function createdOnOpen(): CreatedStore {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-fault-'));
  const file = join(folder, 'store.db');
  const inner = new MemoryBackend();
  const open = async () => {
    await inner.open();
    writeFileSync(file, '');
  };
  return {
    backend: overlay(inner, { open }),
    file,
    cleanup: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Creates a store that claims to be in a file but ignores it. */
function beside(companion: string): CreatedStore {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-fault-'));
  const file = join(folder, 'store.db');
  writeFileSync(file, '');
  if (companion !== '') writeFileSync(`${file}${companion}`, '');
  return {
    backend: new MemoryBackend(),
    file,
    cleanup: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Backends that break the rules of local files. */
export const fileFaults: readonly Fault[] = [
  { name: 'creates-its-file-on-open', caughtBy: 'reading/creates-no-file', create: createdOnOpen },
  { name: 'leaves-its-log-behind', caughtBy: 'files/close-releases', create: () => beside('-wal') },
  { name: 'writes-to-a-replaced-file', caughtBy: 'files/replaced', create: () => beside('') },
];

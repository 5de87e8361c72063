/**
 * The backend of a third party: the reference backend, which keeps a store as one file in a folder of its own. A test
 * copies it into `node_modules` of a project.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { createMemoryState, MemoryBackend } from '@switchyard/storage-conformance/memory';
import { StorageError } from '@switchyard/storage-core';
import { withIsolation } from '@switchyard/storage-isolation';

class NotesBackend extends MemoryBackend {
  name = 'notes';
  #folder;
  #mustExist;
  #state;

  constructor(folder, mustExist) {
    const state = createMemoryState();
    super({ state, capabilities: { changeLog: false } });
    this.#folder = folder;
    this.#mustExist = mustExist;
    this.#state = state;
  }

  get #file() {
    return join(this.#folder, 'notes.bin');
  }

  async doOpen() {
    await super.doOpen();
    if (existsSync(this.#file)) Object.assign(this.#state.tables, deserialize(readFileSync(this.#file)));
    else if (this.#mustExist)
      throw new StorageError('STORAGE_NOT_FOUND', `There are no notes in ${this.#folder}.`);
  }

  async doClose() {
    const { tables } = this.#state;
    await super.doClose();
    if (tables.lastId === 0 && tables.profile === null) return;
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(`${this.#file}.new`, serialize({ ...tables }));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** Keeps nothing in another process. */
export const notesInThisProcess = {
  name: 'notes',
  schemes: [
    { prefix: 'notes:', location: 'path', example: 'notes:FOLDER', description: 'notes in a folder' },
    {
      prefix: 'notes::memory:',
      location: 'memory',
      example: 'notes::memory:',
      description: 'notes in memory',
    },
  ],
  options: [],
  create: ({ location }, { mustExist = false } = {}) =>
    location.type === 'memory' ? new MemoryBackend() : new NotesBackend(location.path, mustExist),
};

export default withIsolation(notesInThisProcess, {
  module: import.meta.url,
  exportName: 'notesInThisProcess',
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, Secret } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import {
  type Incident,
  type IsolatedBackend,
  type IsolationOptions,
  isolate,
} from '@switchyard/storage-isolation';
import { afterEach } from 'vitest';

/** The module of the backend that fails on command. */
export const trickModule = new URL('../fixtures/trick.mjs', import.meta.url);
const exported = (await import(trickModule.href)) as {
  trick: BackendDefinition;
  inconsistent: BackendDefinition;
};
/** See {@link trickModule}. */
export const trick = exported.trick;

/** An isolated backend that does what it is told, with what became of it. */
export interface Trick {
  readonly backend: IsolatedBackend;
  readonly incidents: readonly Incident[];
  readonly stderr: readonly string[];
  readonly path: string;
  /** Every attempt of a call, of all processes, in order. */
  attempts(command: string): Promise<number>;
  lines(): Promise<readonly string[]>;
  /** What the next opening does: a command, or null for opening. */
  onOpen(command: string | null): Promise<void>;
  /** Obeys a command in a read; the id of the process that did. */
  read(command: string, options?: { signal?: AbortSignal; deadline?: number }): Promise<number>;
}

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Makes one on a temporary file, not yet open. It is closed and removed after the test. */
export async function makeTrick(
  options: IsolationOptions = {},
  connection: Partial<Connection> = {},
  exportName: 'trick' | 'inconsistent' = 'trick',
): Promise<Trick> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-isolation-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'log');
  const incidents: Incident[] = [];
  const stderr: string[] = [];
  const backend = isolate({
    definition: exported[exportName],
    reference: { module: trickModule, exportName },
    connection: {
      backend: 'trick',
      location: { type: 'file', path },
      authToken: new Secret('s3cret-token'),
      options: { password: new Secret('s3cret-password') },
      redacted: 'log',
      ...connection,
    },
    options: {
      backoffBaseMs: 1,
      graceMs: 50,
      launcherDelayMs: 0,
      onIncident: (incident) => incidents.push(incident),
      onStderr: (text) => stderr.push(text),
      ...options,
    },
  });
  cleanUps.push(() => backend.close());
  const lines = async () => (await readFile(path, 'utf8')).trim().split('\n');
  return {
    backend,
    incidents,
    stderr,
    path,
    lines,
    attempts: async (command) => (await lines()).filter((line) => line === command).length,
    onOpen: (command) =>
      command === null ? rm(`${path}.open`, { force: true }) : writeFile(`${path}.open`, command),
    read: async (library, callOptions) =>
      (await backend.catalog.library({ library }, callOptions))?.id as number,
  };
}

/** See {@link makeTrick}; open. */
export async function openTrick(...args: Parameters<typeof makeTrick>): Promise<Trick> {
  const made = await makeTrick(...args);
  await made.backend.open();
  return made;
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('It was not rejected.');
    },
    (error: unknown) => error,
  );
}

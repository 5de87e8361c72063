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
import { afterEach, vi } from 'vitest';

/** URL of the module of the backend that fails on command. */
export const trickModule = new URL('../fixtures/trick.mjs', import.meta.url);
const exported = (await import(trickModule.href)) as {
  trick: BackendDefinition;
  inconsistent: BackendDefinition;
};
/** The definition exported by {@link trickModule}. */
export const trick = exported.trick;

/** An isolated backend that obeys commands, with a record of its attempts and incidents. */
export interface Trick {
  readonly backend: IsolatedBackend;
  readonly incidents: readonly Incident[];
  readonly stderr: readonly string[];
  readonly path: string;
  /** Returns the number of attempts of a command in all processes. */
  attempts(command: string): Promise<number>;
  /** Resolves once a child has started the command. */
  started(command: string): Promise<void>;
  /** Returns every attempt of a call in all processes, in order. */
  lines(): Promise<readonly string[]>;
  /** Makes the next opening obey a command; null makes it succeed. */
  onOpen(command: string | null): Promise<void>;
  /** Obeys a command in a read and returns the id of the process that ran it. */
  read(command: string, options?: { signal?: AbortSignal; deadline?: number }): Promise<number>;
}

/** The test's own timeout ends the waiting. */
const WAIT = { timeout: 60_000, interval: 5 };

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Creates one on a temporary file without opening it. It is closed and removed after the test. */
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
      credentials: { user: 'me', password: new Secret('s3cret-of-me') },
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
    started: (command) =>
      vi.waitFor(async () => {
        if (!(await lines()).includes(command)) throw new Error(`${command} has not started.`);
      }, WAIT),
    onOpen: (command) =>
      command === null ? rm(`${path}.open`, { force: true }) : writeFile(`${path}.open`, command),
    read: async (library, callOptions) =>
      (await backend.catalog.library({ library }, callOptions))?.id as number,
  };
}

/** Creates one like {@link makeTrick} and opens it. */
export async function openTrick(...args: Parameters<typeof makeTrick>): Promise<Trick> {
  const made = await makeTrick(...args);
  await made.backend.open();
  return made;
}

/** Resolves with the reason of a rejected promise. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('The promise was not rejected.');
    },
    (error: unknown) => error,
  );
}

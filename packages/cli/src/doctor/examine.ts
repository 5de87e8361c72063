import {
  type CallOptions,
  checkStore,
  deadlineIn,
  isStorageError,
  type MigrationStatus,
  type StorageBackend,
} from '@switchyard/storage-core';
import { describeError } from '../output/describe-error.js';
import { explain } from './advice.js';
import type { Check, Diagnosis } from './report.js';
import { checkVectorLengths } from './vector-lengths.js';

/** Number of reads whose median is reported, after one to warm up. */
const READS = 7;

/** Input of {@link examine}. */
export interface Examination {
  /** Connection string without secrets. */
  readonly store: string;
  /** True for a backend that is part of the command. */
  readonly isBuiltIn: boolean;
  /** Opens the store without creating or migrating anything. */
  readonly open: (options: CallOptions) => Promise<StorageBackend>;
  /** Returns the name and version that the server reports; null without a server or a report. */
  readonly serverVersion: () => Promise<string | null>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Opens a store and checks it for problems. Changes nothing. Failures become findings. */
export async function examine({
  store,
  isBuiltIn,
  open,
  serverVersion,
  timeoutMs,
  signal,
}: Examination): Promise<Diagnosis> {
  const options = (): CallOptions => ({ deadline: deadlineIn(timeoutMs), signal });
  const checks: Check[] = [];
  let known: Partial<Diagnosis> = {};
  try {
    const backend = await open(options());
    known = { backend: backend.name, capabilities: backend.capabilities };
    checks.push({ name: 'connection', ok: true, finding: `The ${backend.name} backend opened the store.` });
    known = { ...known, server: (await serverVersion()) ?? undefined };
    const schema = await backend.migrator.status(options());
    known = { ...known, schema };
    checks.push(checkSchema(schema));
    known = { ...known, roundTripMs: await medianTime(() => backend.vectors.profile(options())) };
    if (schema.state !== 'empty') {
      const { engine, profile, counts, replication } = await backend.inspect(options());
      known = { ...known, engine, profile, counts, replication };
      const stats = await backend.vectors.stats(options());
      checks.push({
        name: 'content',
        ok: true,
        finding: `${counts.chunks} chunks on ${counts.pages} pages.`,
      });
      checks.push(checkVectors(profile === null, stats.unusable));
      const lengths = await checkVectorLengths(backend, profile, options());
      if (lengths !== null) checks.push(lengths);
      checks.push(await checkDamage(backend, options()));
      if (replication !== undefined) checks.push(checkReplication(replication.lastFailure));
    }
  } catch (error) {
    if (signal.aborted || !(isStorageError(error) || error instanceof Error)) throw error;
    const description = describeError(error);
    checks.push({ ok: false, ...explain(description, { isBuiltIn }) });
    known = { ...known, error: description };
  }
  return { store, healthy: checks.every(({ ok }) => ok), checks, ...known };
}

function checkSchema({ state, level, latest }: MigrationStatus): Check {
  switch (state) {
    case 'current':
      return { name: 'schema', ok: true, finding: `Level ${level}, which is the latest.` };
    case 'empty':
      return {
        name: 'schema',
        ok: true,
        finding: 'The database is empty; the first write creates a store.',
      };
    case 'pending':
      return {
        name: 'schema',
        ok: false,
        finding: `Level ${level}; this version writes level ${latest}. Reading works.`,
        advice:
          'To write to it, run `switchyard migrate STORE`; other software that uses the store must support that level.',
      };
    case 'too-new':
      return {
        name: 'schema',
        ok: false,
        finding: `Level ${level}, written by newer software; this version supports levels up to ${latest}.`,
        advice: 'Upgrade Switchyard.',
      };
  }
}

function checkVectors(none: boolean, unusable: number): Check {
  if (none) return { name: 'vectors', ok: true, finding: 'None yet: searches use full text only.' };
  if (unusable === 0) return { name: 'vectors', ok: true, finding: 'All are usable.' };
  const advice = 'Index the pages again, or rebuild the vector index to drop the unusable ones.';
  return { name: 'vectors', ok: false, finding: `${unusable} unusable.`, advice };
}

/** Runs the quick form of `switchyard check`. A timeout is not damage. */
async function checkDamage(backend: StorageBackend, options: CallOptions): Promise<Check> {
  try {
    const { damages } = await checkStore(backend, { ...options, scope: 'quick' });
    if (damages.length === 0)
      return {
        name: 'damage',
        ok: true,
        finding: 'A quick check found none; `switchyard check` reads everything.',
      };
    const finding = damages.map(({ detail }) => detail).join(' ');
    const advice = 'Run `switchyard check STORE`, and add --repair to repair what can be repaired.';
    return { name: 'damage', ok: false, finding, advice };
  } catch (error) {
    if (!isStorageError(error, 'STORAGE_TIMEOUT')) throw error;
    const finding = 'Unknown: the quick check timed out. Run `switchyard check`.';
    return { name: 'damage', ok: true, finding };
  }
}

function checkReplication(lastFailure: string | null): Check {
  if (lastFailure === null) return { name: 'replication', ok: true, finding: 'The last sync succeeded.' };
  const advice = 'Check the server and the token of the replica.';
  return { name: 'replication', ok: false, finding: `The last sync failed: ${lastFailure}`, advice };
}

async function medianTime(read: () => Promise<unknown>): Promise<number> {
  await read();
  const times: number[] = [];
  for (let i = 0; i < READS; i++) {
    const began = performance.now();
    await read();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return Math.round((times[READS >> 1] ?? 0) * 100) / 100;
}

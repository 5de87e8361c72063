import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { type Capabilities, parseConnectionString } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';

const root = join(import.meta.dirname, '../..');

/** A conformance run of this repository, as its test file registers it. */
export interface ConformanceRun {
  readonly name: string;
  /** Groups of a partial run; null for all. */
  readonly groups: readonly string[] | null;
  /** Number of skipped tests that the run insists on; null if it does not. */
  readonly skipped: number | null;
  readonly knownFaults: readonly string[];
  /** Folder of the workspace, such as `examples/backend-json`. */
  readonly workspace: string;
}

/** Lists the conformance runs of all packages and examples. */
export function conformanceRuns(): readonly ConformanceRun[] {
  return ['packages', 'examples'].flatMap((kind) =>
    readdirSync(join(root, kind))
      .sort()
      .flatMap((folder) => runsOf(`${kind}/${folder}`)),
  );
}

function runsOf(workspace: string): ConformanceRun[] {
  const folder = join(root, workspace, 'test');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((file) => /^conformance[\w-]*\.test\.ts$/.test(file))
    .sort();
  return files.flatMap((file) => {
    const [, ...runs] = readFileSync(join(folder, file), 'utf8').split(/\bname: '/);
    return runs.map((run): ConformanceRun => {
      const groups = /\bgroups: \[([^\]]+)\]/.exec(run)?.[1];
      const skipped = /\bskipped: (\d+)/.exec(run)?.[1];
      const known = /\bknownFaults: \[([^\]]+)\]/.exec(run)?.[1];
      return {
        name: run.slice(0, run.indexOf("'")),
        groups: groups === undefined ? null : namesIn(groups),
        skipped: skipped === undefined ? null : Number(skipped),
        knownFaults: known === undefined ? [] : namesIn(known),
        workspace,
      };
    });
  });
}

/** Names in quotes. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/'([\w/-]+)'/g)].map(([, name = '']) => name);
}

/** Connection strings of the places that a run names; capabilities depend on nothing else. */
const places: readonly (readonly [name: string, connection: string])[] = [
  ['libsql (memory', ':memory:'],
  ['libsql (file', 'file:docs.db'],
  ['libsql (sqld', 'http://127.0.0.1:8080'],
  ['libsql (replica', 'file:docs.db?syncUrl=http://127.0.0.1:8080'],
  ['sqlite-vec (memory', 'sqlite-vec::memory:'], // @legacy
  ['sqlite-vec (file', 'sqlite-vec:docs.db'], // @legacy
];

/** Returns the capabilities of the backend of a run, which is created but not opened. */
export async function capabilitiesOf({ name, workspace }: ConformanceRun): Promise<Capabilities> {
  if (workspace.startsWith('examples/')) return ofExample(workspace);
  if (name.startsWith('memory')) return new MemoryBackend().capabilities;
  const connection = places.find(([place]) => name.startsWith(place))?.[1];
  if (connection === undefined) throw new Error(`${name}: add its connection string to conformance-runs.ts.`);
  const definitions = [
    libsqlBackend,
    sqliteVecBackend, // @legacy
  ];
  return create(definitions, connection);
}

/** An example exports its backend definition, whose first scheme has an example of a connection string. */
async function ofExample(workspace: string): Promise<Capabilities> {
  const manifest = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<'.', { readonly default: string }>>;
  };
  const entry = pathToFileURL(join(root, workspace, manifest.exports['.'].default));
  const exported = Object.values((await import(entry.href)) as Record<string, unknown>);
  const definition = exported.find(isDefinition);
  const example = definition?.schemes[0]?.example;
  if (definition === undefined || example === undefined) {
    throw new Error(`${workspace} exports no backend definition with an example.`);
  }
  return create([definition], example);
}

function isDefinition(value: unknown): value is BackendDefinition {
  return typeof value === 'object' && value !== null && 'schemes' in value && 'create' in value;
}

function create(backends: readonly BackendDefinition[], text: string): Capabilities {
  const connection = parseConnectionString(text, { backends });
  const definition = backends.find(({ name }) => name === connection.backend);
  if (definition === undefined) throw new Error(`No backend for ${text}.`);
  return definition.create(connection).capabilities;
}

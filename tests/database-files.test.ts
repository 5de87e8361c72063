import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Closing any descriptor of a file drops all POSIX locks that the process holds on it, so that nothing but SQLite itself
 * may open a database file in a process that may have it open: see docs/decisions/0009.
 */
const root = join(import.meta.dirname, '..');

/** Packages that handle database files. */
const watched = [
  'packages/sqlite-common/src',
  'packages/backend-libsql/src',
  'packages/legacy-conversion/src', // @legacy
  'packages/backend-sqlite-vec/src', // @legacy
  'packages/cli/src/stores',
  'packages/cli/src/doctor',
];

/** Modules that open files in the application's process, with the files they open. */
const opens: Readonly<Record<string, string>> = {
  'packages/sqlite-common/src/detection/peek/wal.ts': 'the write-ahead log, on which SQLite holds no locks',
  'packages/sqlite-common/src/errors/too-many-files.ts': 'the null device',
  'packages/backend-sqlite-vec/src/store/driver-version.ts': 'the manifest of better-sqlite3', // @legacy
  'packages/cli/src/stores/private-target.ts':
    'a file that it creates itself, exclusively, before anything else can have it open',
};

/** Modules that open files and run in a child process only. No entry point may reach them. */
const childOnly = [
  'packages/sqlite-common/src/detection/read-facts.ts',
  'packages/sqlite-common/src/detection/peek/pages.ts',
  'packages/legacy-conversion/src/boot.ts', // @legacy
  'packages/legacy-conversion/src/destinations.ts', // @legacy
  'packages/legacy-conversion/src/finished.ts', // @legacy
  'packages/legacy-conversion/src/private-files.ts', // @legacy
  'packages/legacy-conversion/src/publish/durable.ts', // @legacy
  'packages/legacy-conversion/src/workspace-lock.ts', // @legacy
  'packages/legacy-conversion/src/workspace.ts', // @legacy
];

/** Entry points that run in the process of an application. */
const entryPoints = [
  'packages/sqlite-common/src/index.ts',
  'packages/backend-libsql/src/index.ts',
  'packages/backend-libsql/src/module.ts',
  'packages/backend-libsql/src/bulk/index.ts',
  'packages/legacy-conversion/src/index.ts', // @legacy
  'packages/backend-sqlite-vec/src/index.ts', // @legacy
  'packages/backend-sqlite-vec/src/module.ts', // @legacy
];

/** Functions of node:fs that leave a descriptor to be closed, or do so by themselves. */
const opening =
  /^(?:open|openSync|openAsBlob|read(?:File|FileSync)|write(?:File|FileSync)|append(?:File|FileSync)|copyFile|copyFileSync|cp|cpSync|truncate|truncateSync|create(?:Read|Write)Stream)$/;

const statement =
  /^(?:import|export)\s+(type\s+)?(?:([\w*]+(?:\s+as\s+\w+)?)\s*,?\s*)?(?:\{([^}]*)\})?\s*(?:from\s+)?'([^']+)'/gm;

interface Import {
  readonly specifier: string;
  /** Names of values; null for a whole module. */
  readonly names: readonly string[] | null;
}

function importsOf(file: string): Import[] {
  const code = readFileSync(join(root, file), 'utf8');
  return [...code.matchAll(statement)].flatMap(([, isType, whole, list, specifier = '']): Import[] => {
    if (isType !== undefined) return [];
    if (list === undefined || whole !== undefined) return [{ specifier, names: null }];
    const names = list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => name.split(/\s+as\s+/)[0] ?? '');
    return names.length === 0 ? [] : [{ specifier, names }];
  });
}

function opensFiles(file: string): boolean {
  return importsOf(file).some(
    ({ specifier, names }) =>
      /^(?:node:)?fs(?:\/promises)?$/.test(specifier) &&
      (names === null || names.some((name) => opening.test(name))),
  );
}

function reachableFrom(entry: string): Set<string> {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { specifier } of importsOf(file)) {
      if (specifier.startsWith('.')) visit(join(dirname(file), specifier.replace(/\.js$/, '.ts')));
    }
  };
  visit(entry);
  return seen;
}

const modules = watched.flatMap((folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => relative(root, join(root, folder, name)))
    : [],
);

describe('database files', () => {
  it('are only opened with node:fs by listed modules', () => {
    const known = [...Object.keys(opens), ...childOnly].sort();
    expect(modules.filter(opensFiles).sort()).toEqual(known);
  });

  it.each(entryPoints)('are not opened with node:fs by modules that %s loads', (entry) => {
    const reachable = reachableFrom(entry);
    expect(childOnly.filter((file) => reachable.has(file))).toEqual([]);
  });

  it('are opened by the programs of the children, so that the rule above can fail', () => {
    const programs = [
      'packages/sqlite-common/src/detection/main.ts',
      'packages/legacy-conversion/src/tasks.ts', // @legacy
    ].map(reachableFrom);
    expect(childOnly.filter((file) => !programs.some((reached) => reached.has(file)))).toEqual([]);
  });
});

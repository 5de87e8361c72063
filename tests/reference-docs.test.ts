import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { libsqlBackend } from '@switchyard/backend-libsql';
import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecBackend } from '@switchyard/backend-sqlite-vec'; // @legacy
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module'; // @legacy
import { createContainer } from '@switchyard/storage-container';
import { errorCodes } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';

const page = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8');
const modules = [
  libsqlModule,
  sqliteVecModule, // @legacy
];
const container = createContainer({ modules, env: {} });

/** The cells of the first table below a heading. */
function table(text: string, heading: string): string[][] {
  const section = text.slice(text.indexOf(heading)).split('\n');
  const start = section.findIndex((line) => line.startsWith('|'));
  const end = section.findIndex((line, index) => index > start && !line.startsWith('|'));
  return section.slice(start + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

describe('the table of connection strings', () => {
  const rows = table(page('README.md'), '## Connection strings');
  const expected: Readonly<Record<string, { backend: string; type: string }>> = {
    'libSQL, local file': { backend: 'libsql', type: 'file' },
    'the same, as a URL': { backend: 'libsql', type: 'file' },
    'libSQL in memory, gone when closed': { backend: 'libsql', type: 'memory' },
    'a legacy store: better-sqlite3 + sqlite-vec': { backend: 'sqlite-vec', type: 'file' }, // @legacy
    'a legacy store in memory': { backend: 'sqlite-vec', type: 'memory' }, // @legacy
    'a server: sqld or Turso': { backend: 'libsql', type: 'server' },
    'a local replica of a server': { backend: 'libsql', type: 'replica' },
  };

  it('has a row for every form', () => {
    expect(rows.map(([, store]) => store)).toEqual(Object.keys(expected));
    const prefixes = container.definitions.flatMap(({ schemes }) => schemes.map(({ prefix }) => prefix));
    const strings = rows.map(([strings = '']) => strings).join(' ');
    for (const prefix of prefixes) expect(strings).toContain(prefix);
  });

  it.each(rows)('%s is %s', (strings = '', store = '') => {
    for (const [, text = ''] of strings.matchAll(/`([^`]+)`/g)) {
      const { backend, location } = container.parse(text);
      expect({ backend, type: location.type }).toEqual(expected[store]);
    }
  });

  it('is the same in the reference', () => {
    const reference = table(page('docs/reference/configuration.md'), '# Configuration');
    expect(reference.map(([strings]) => strings)).toEqual(rows.map(([strings]) => strings));
  });
});

describe.each([
  ['## Options of libSQL stores', libsqlBackend],
  ['## Options of legacy stores', sqliteVecBackend], // @legacy
])('%s', (heading, definition) => {
  it('lists every option with its default and meaning', () => {
    const documented = table(page('docs/reference/configuration.md'), heading).map(
      ([name, , fallback, meaning]) => [name, fallback ?? '', meaning],
    );
    const known = definition.options.map(({ name, default: fallback = '', description }) => [
      `\`${name}\``,
      fallback,
      description,
    ]);
    expect(documented.map((row) => row.map((cell) => cell?.replaceAll('`', '')))).toEqual(
      known.map((row) => row.map((cell) => cell?.replaceAll('`', ''))),
    );
  });
});

describe('the reference of errors', () => {
  const text = page('docs/reference/errors.md');

  it.each(Object.entries(errorCodes))('%s is documented as declared', (code, info) => {
    const section = text.split(`### \`${code}\`\n`)[1]?.split('\n### ')[0] ?? '';
    expect(section).toContain(info.meaning);
    expect(section).toContain(info.action);
    expect(section.includes('May succeed when tried again.')).toBe(info.retryable);
  });

  it('only names existing codes', () => {
    const named = [...text.matchAll(/^### `(\w+)`$/gm)].map(([, code]) => code);
    expect(named).toEqual(Object.keys(errorCodes));
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, type Provocation } from './provocation.js';

/** Files for the commands below. */
export interface Files {
  readonly folder: string;
  /** A libSQL store with the library `docs`, without vectors. */
  readonly store: string;
  /** A store with vectors of another model than offline. */
  readonly foreign: string;
}

/** Configuration files with mistakes, by title. */
const configurations = {
  'a syntax error': 'store: [docs.db\n',
  'an unknown key': 'store: docs.db\nbase_url: https://docs.example.org/\n',
  'a value of the wrong type': 'limit: many\n',
  'an invalid store': 'store: nosuch:docs.db\n',
  'a secret': 'store: libsql://db.example.org?authToken=token=x\n',
  'a key for a secret': 'authToken: token=x\n',
};

/** Mistakes that a user can make with commands. */
export function commandProvocations({ folder, store, foreign }: Files): readonly Provocation[] {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const missing = join(folder, 'missing.db');
  const fresh = join(folder, 'fresh.db');
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  const text = file('text.db', 'This is no database.\n'.repeat(50));
  const docs = join(folder, 'docs');
  const vector = Buffer.from(new Float32Array(5).buffer).toString('base64');
  return [
    command('no such command', ['serch']),
    command('help for no such command', ['help', 'nope']),
    command('an unknown option', ['libraries', store, '--nope']),
    command('an argument too few', ['libraries']),
    command('an unknown scheme', ['libraries', 'nosuch:docs.db']),
    command('a backend package that is not installed', [
      'libraries',
      store,
      '--backend',
      'no-such-package-here',
    ]),
    command('a backend package that exports none', ['libraries', store, '--backend', file('none.mjs', '')]),
    command('a missing configuration file', ['libraries', store, '--config', missing]),
    command('an unknown option of a connection string', ['libraries', `file:${store}?nope=1`]),
    command('a value of the wrong type', ['libraries', `file:${store}?cacheMiB=lots`]),
    command('options that contradict each other', ['libraries', `file:${store}?isolation=inline&readers=2`]),
    command('readers on a server', ['libraries', 'http://127.0.0.1:9?readers=2']),
    command('a missing store', ['libraries', missing]),
    command('a folder instead of a store', ['libraries', empty]),
    command('a file that is not a database', ['libraries', text]),
    command('an unreachable server', ['libraries', 'http://127.0.0.1:9'], { env: {} }),
    command('an unknown library', ['search', store, 'nope', 'text']),
    command('an unknown version', ['search', foreign, 'lib@0.5', 'text']),
    command('no version where none is semantic', ['search', foreign, 'lib', 'text']),
    command('a missing unversioned version', ['search', foreign, 'lib@', 'text']),
    command('a search without a text', ['search', store, 'docs']),
    command('a limit that is not a number', ['search', store, 'docs', 'text', '--limit', 'all']),
    command('--fts-only and --embedder', [
      'search',
      store,
      'docs',
      'text',
      '--fts-only',
      '--embedder',
      'offline',
    ]),
    command('--queries and a library', ['search', store, 'docs', '--queries', '-']),
    command('a missing query file', ['search', store, '--queries', missing]),
    command('a folder instead of a query file', ['search', store, '--queries', empty]),
    command('compare with one store', ['compare', store]),
    command('two sources of queries', ['compare', store, foreign, '--sample', '3', '--log', 'x.jsonl']),
    command('a log without queries', ['compare', store, foreign, '--log', '-']),
    command('a report over a store', ['compare', store, foreign, '--report', store]),
    command('a search mode that is none', ['compare', store, foreign, '--mode', 'fast']),
    command('a threshold that is no number', ['compare', store, foreign, '--min-overlap', 'all']),
    command('a query that is not JSON', ['search', store, '--queries', '-'], { stdin: 'hello\n' }),
    command('a query without a library', ['search', store, '--queries', '-'], { stdin: '{"text": "a"}\n' }),
    command('a query with a vector of another length', ['search', foreign, '--queries', '-'], {
      stdin: `${JSON.stringify({ library: 'lib', version: '1', text: 'a', vector })}\n`,
    }),
    command('an unknown embedder', ['search', store, 'docs', 'text', '--embedder', 'nope']),
    command('an embedder of another model', ['search', foreign, 'lib@1', 'text', '--embedder', 'offline']),
    command('an embedder without a key', ['index', docs, '--store', fresh, '--embedder', 'openai:m']),
    command(
      'an unreachable endpoint',
      ['index', docs, '--store', join(folder, 'e.db'), '--embedder', 'openai:m'],
      {
        env: { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
      },
    ),
    command('a URL instead of a folder', ['index', 'https://docs.example.org/a?token=x', '--store', fresh]),
    command('a missing folder', ['index', './nowhere', '--store', fresh]),
    command('a package that is not installed', ['index', 'no-such-package-here', '--store', fresh]),
    command('a folder without documentation', ['index', empty, '--store', fresh]),
    command('an invalid base URL', ['index', docs, '--store', fresh, '--base-url', 'docs']),
    command('a name without a library', ['index', docs, '--store', fresh, '--library', '@']),
    command('--reset-vectors with --embedder none', [
      'index',
      docs,
      '--store',
      store,
      '--reset-vectors',
      '--embedder',
      'none',
    ]),
    command('a store of a model that must be requested explicitly', ['index', docs, '--store', foreign]),
    command('indexing with another model', ['index', docs, '--store', foreign, '--embedder', 'offline']),
    command('reembed without an embedder', ['reembed', store]),
    command('reembed with none', ['reembed', store, '--embedder', 'none']),
    command('reembed with --abort and an embedder', ['reembed', store, '--abort', '--embedder', 'offline']),
    command('copy to itself', ['copy', store, `file:${store}`]),
    command('copy with an unsupported metric', ['copy', store, 'b.db', '--metric', 'dot']),
    command('copy into a missing folder', ['copy', store, join(folder, 'no', 'such', 'b.db')]),
    command('copy over another store', ['copy', foreign, store]),
    command('verify a missing store', ['verify', store, missing]),
    command('an index for an unknown version', ['ann-index', foreign, 'lib@0.5']),
    command('mutually exclusive options of ann-index', ['ann-index', store, 'docs', '--build', '--drop']),
    command('no store, and no default', ['inspect']),
    command('index without a store', ['index', docs]),
    command('a search without arguments', ['search']),
    ...Object.entries(configurations).map(([title, text]) => {
      const cwd = join(folder, title.replaceAll(' ', '-'));
      mkdirSync(cwd, { recursive: true });
      writeFileSync(join(cwd, 'switchyard.config.yaml'), text);
      return command(`a configuration file with ${title}`, ['libraries'], { cwd });
    }),
    command('a default that is no store', ['inspect'], { env: { SWITCHYARD_STORE: 'nosuch:docs.db' } }),
    command('an empty glob', ['index', docs, '--store', fresh, '--include', '']),
    command('globs that select nothing', ['index', docs, '--store', fresh, '--include', 'nowhere']),
    command('a dry run into a missing folder', [
      'index',
      docs,
      '--store',
      join(folder, 'no', 'such', 'b.db'),
      '--dry-run',
    ]),
    command('a dry run with another model', [
      'index',
      docs,
      '--store',
      foreign,
      '--dry-run',
      '--embedder',
      'offline',
    ]),
    command('remove without a library', ['remove', store]),
    command('remove without a confirmation', ['remove', store, 'docs']),
    command('remove an unknown library', ['remove', store, 'nope', '--yes']),
    command('remove an unknown version', ['remove', foreign, 'lib@0.5', '--yes']),
    command('sync a store that is no replica', ['sync', store]),
    command('inspect a missing store', ['inspect', missing]),
  ];
}

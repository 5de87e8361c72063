import { inspect } from 'node:util';
import {
  type BackendDefinition,
  type Connection,
  isStorageError,
  type OptionDefinition,
  parseConnectionString,
  Secret,
  type StorageError,
} from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';

type Known = Pick<BackendDefinition, 'name' | 'schemes' | 'options'>;

const busyTimeout: OptionDefinition = {
  name: 'busyTimeoutMs',
  type: 'integer',
  min: 0,
  max: 600_000,
  description: 'How long a writer waits.',
};

/** Forms and options such as those of the two adapters. */
const libsql: Known = {
  name: 'libsql',
  schemes: [
    { prefix: '', location: 'path', example: './docs.db', description: 'a local file' },
    { prefix: 'file:', location: 'path', example: 'file:docs.db', description: 'a local file' },
    { prefix: ':memory:', location: 'memory', example: ':memory:', description: 'in memory' },
    { prefix: 'libsql://', location: 'server', example: 'libsql://HOST', description: 'a server' },
    { prefix: 'https://', location: 'server', example: 'https://HOST', description: 'a server' },
    { prefix: 'http://', location: 'server', example: 'http://HOST:PORT', description: 'a server' },
  ],
  options: [
    busyTimeout,
    { name: 'authToken', type: 'secret', description: 'The token of the server.' },
    { name: 'encryptionKey', type: 'secret', description: 'The key of the file.' },
    { name: 'syncUrl', type: 'string', description: 'The server to replicate.' },
    { name: 'migrate', type: 'string', values: ['auto', 'never'], description: 'Migration on opening.' },
    { name: 'checked', type: 'boolean', description: 'Check while reading.' },
  ],
};
const sqliteVec: Known = {
  name: 'sqlite-vec',
  schemes: [
    { prefix: 'sqlite-vec:', location: 'path', example: 'sqlite-vec:docs.db', description: 'legacy' },
  ],
  options: [busyTimeout],
};
const backends = [libsql, sqliteVec];

function parse(text: string, env?: Record<string, string | undefined>): Connection {
  return parseConnectionString(text, { backends, env });
}

function refusal(text: string, known: readonly Known[] = backends): StorageError {
  try {
    parseConnectionString(text, { backends: known });
  } catch (error) {
    if (isStorageError(error, 'STORAGE_CONNECTION_STRING')) return error;
    throw error;
  }
  throw new Error(`'${text}' was accepted.`);
}

/** Everything of a value that a log could show. */
function shown(value: unknown): string {
  const error = value instanceof Error ? `${value.stack}${String(value.cause)}` : '';
  return `${JSON.stringify(value)}${inspect(value, { depth: 9, showHidden: true })}${String(value)}${error}`;
}

describe('local files', () => {
  it.each([
    ['docs.db', 'docs.db'],
    ['./a folder/docs.db', './a folder/docs.db'],
    ['../docs.db', '../docs.db'],
    ['/var/lib/docs.db', '/var/lib/docs.db'],
    ['/literal%20name.db', '/literal%20name.db'],
    ['./with:colon.db', './with:colon.db'],
    ['docs#1.db', 'docs#1.db'],
    ['dökumente/文書.db', 'dökumente/文書.db'],
    ['C:\\data\\docs.db', 'C:\\data\\docs.db'],
    ['c:/data/docs.db', 'c:/data/docs.db'],
    ['\\\\server\\share\\docs.db', '\\\\server\\share\\docs.db'],
    ['file:docs.db', 'docs.db'],
    ['FILE:docs.db', 'docs.db'],
    ['file:./a%20folder/docs%3F.db', './a folder/docs?.db'],
    ['file:/var/lib/docs.db', '/var/lib/docs.db'],
    ['file:///var/lib/docs.db', '/var/lib/docs.db'],
    ['file://localhost/var/lib/docs.db', '/var/lib/docs.db'],
    ['file://LOCALHOST/var/lib/docs.db', '/var/lib/docs.db'],
    ['file:///C:/data/docs.db', 'C:/data/docs.db'],
    ['file:C:\\data\\docs.db', 'C:\\data\\docs.db'],
    ['file:///c%3A/data/docs.db', 'c:/data/docs.db'],
    ['  docs.db\n', 'docs.db'],
  ])('%j is the file %j', (text, path) => {
    const connection = parse(text);
    expect(connection.location).toEqual({ type: 'file', path });
    expect(connection.backend).toBe('libsql');
    expect(connection.authToken).toBeNull();
    expect(connection.options).toEqual({});
  });

  it.each([
    ['sqlite-vec:docs.db', 'docs.db'],
    ['SQLITE-VEC:/var/lib/docs.db', '/var/lib/docs.db'],
    ['sqlite-vec:C:\\docs.db', 'C:\\docs.db'],
    ['sqlite-vec:a%20b.db', 'a%20b.db'],
  ])('%j belongs to sqlite-vec, its path taken as it is', (text, path) => {
    expect(parse(text)).toMatchObject({ backend: 'sqlite-vec', location: { type: 'file', path } });
  });

  it.each([
    ['', /empty/],
    ['   ', /empty/],
    ['file:', /names no file/],
    ['file:?migrate=auto', /names no file/],
    ['sqlite-vec:', /names no file/],
    ['file://host/docs.db', /names no host/],
    ['file:bad%2.db', /percent-encoded/],
    ['file:nul%00.db', /NUL/],
    ['file::memory:', /not the name of a file/],
    ['sqlite-vec::memory:', /not the name of a file/],
  ])('refuses %j', (text, message) => {
    expect(refusal(text).message).toMatch(message);
  });

  it('never looks for a token in the environment', () => {
    expect(parse('docs.db', { LIBSQL_AUTH_TOKEN: 'hush' }).authToken).toBeNull();
  });
});

describe('in memory', () => {
  it.each([':memory:', ':MEMORY:'])('%j is in memory', (text) => {
    expect(parse(text).location).toEqual({ type: 'memory' });
  });

  it('takes options', () => {
    expect(parse(':memory:?checked=true')).toMatchObject({
      location: { type: 'memory' },
      options: { checked: true },
    });
  });

  it('needs a backend that has it: another would write a file of that name', () => {
    const files = { ...libsql, schemes: libsql.schemes.filter(({ location }) => location === 'path') };
    expect(refusal(':memory:', [files]).message).toMatch(/not the name of a file/);
  });
});

describe('servers', () => {
  it.each([
    ['libsql://docs.example.io', 'libsql://docs.example.io'],
    ['libsql://docs.example.io/', 'libsql://docs.example.io'],
    ['LIBSQL://docs.example.io', 'libsql://docs.example.io'],
    ['https://docs.example.io:8443/db/one', 'https://docs.example.io:8443/db/one'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['libsql://docs.example.io?busyTimeoutMs=5', 'libsql://docs.example.io'],
  ])('%j is the server %j', (text, url) => {
    expect(parse(text)).toMatchObject({ backend: 'libsql', location: { type: 'server', url } });
  });

  it.each([
    ['libsql://', /no host/],
    ['http://', /not a URL/],
    ['http://host:99999', /not a URL/],
    ['https://host?syncUrl=libsql://other', /belongs to a local file/],
    [':memory:?syncUrl=libsql://other', /belongs to a local file/],
  ])('refuses %j', (text, message) => {
    expect(refusal(text).message).toMatch(message);
  });

  it.each([
    'libsql://SECRET@host',
    'libsql://:SECRET@host',
    'https://user:SECRET@host/db',
    'http://SECRET:@host',
    'http://SECRET:bad port/',
    'libsql://host#SECRET',
    'https://host/#authToken=SECRET',
    'docs.db?syncUrl=https://user:SECRET@host',
    'docs.db?syncUrl=libsql://host?authToken=SECRET',
    'docs.db?syncUrl=libsql://host%3FauthToken%3DSECRET',
    'docs.db?syncUrl=SECRET',
  ])('refuses %j and repeats no credential', (text) => {
    expect(shown(refusal(text))).not.toMatch(/SECRET/i);
  });
});

describe('replicas', () => {
  it('are a local file with a syncUrl', () => {
    const connection = parse(
      'file:replica.db?syncUrl=libsql://docs.example.io/&authToken=hush&busyTimeoutMs=7',
    );
    expect(connection.location).toEqual({
      type: 'replica',
      path: 'replica.db',
      syncUrl: 'libsql://docs.example.io',
    });
    expect(connection.authToken?.reveal()).toBe('hush');
    expect(connection.options).toEqual({ busyTimeoutMs: 7 });
  });

  it('may give the syncUrl percent-encoded', () => {
    const { location } = parse('replica.db?syncUrl=http%3A%2F%2F127.0.0.1%3A8080');
    expect(location).toEqual({ type: 'replica', path: 'replica.db', syncUrl: 'http://127.0.0.1:8080' });
  });

  it.each([
    ['replica.db?syncUrl=', /not a URL/],
    ['replica.db?syncUrl=ftp://host', /not ftp:/],
    ['replica.db?syncUrl=docs.example.io', /not a URL/],
  ])('refuses %j', (text, message) => {
    expect(refusal(text).message).toMatch(message);
  });

  it('look for their token in the environment', () => {
    const { authToken } = parse('replica.db?syncUrl=libsql://host', { TURSO_AUTH_TOKEN: 'hush' });
    expect(authToken?.reveal()).toBe('hush');
  });
});

describe('options', () => {
  it('have the types of their definitions', () => {
    const { options } = parse('docs.db?busyTimeoutMs=250&migrate=never&checked=false');
    expect(options).toEqual({ busyTimeoutMs: 250, migrate: 'never', checked: false });
  });

  it.each(['docs.db?', 'docs.db?&', 'docs.db?&checked=true&'])(
    '%j may be empty between its marks',
    (text) => {
      expect(parse(text).location).toEqual({ type: 'file', path: 'docs.db' });
    },
  );

  it('keep the bounds of an integer', () => {
    expect(parse('docs.db?busyTimeoutMs=0').options).toEqual({ busyTimeoutMs: 0 });
    expect(parse('docs.db?busyTimeoutMs=600000').options).toEqual({ busyTimeoutMs: 600_000 });
    for (const value of ['600001', '-1', '1.5', '1e3', '0x10', '', 'many', '99999999999999999999']) {
      expect(refusal(`docs.db?busyTimeoutMs=${value}`).message).toMatch(
        /busyTimeoutMs= takes a whole number from 0 to 600000/,
      );
    }
  });

  it('that are true or false are nothing else', () => {
    for (const value of ['', '1', 'TRUE', 'yes']) {
      expect(refusal(`docs.db?checked=${value}`).message).toMatch(/true or false/);
    }
  });

  it('with a list of values name it', () => {
    expect(refusal('docs.db?migrate=sometimes').message).toMatch(/migrate= takes one of auto, never/);
  });

  it('that are unknown are refused with those that are known', () => {
    const { message } = refusal('docs.db?busyTimeout=5');
    expect(message).toContain("Unknown option 'busyTimeout' for the libsql backend");
    for (const { name } of libsql.options) expect(message).toContain(name);
  });

  it('belong to their backend', () => {
    expect(refusal('sqlite-vec:docs.db?syncUrl=libsql://host').message).toMatch(
      /Unknown option 'syncUrl' for the sqlite-vec backend. Known options: busyTimeoutMs\./,
    );
  });

  it('stand once', () => {
    expect(refusal('docs.db?busyTimeoutMs=1&busyTimeoutMs=1').message).toMatch(
      /'busyTimeoutMs' stands twice/,
    );
    expect(shown(refusal('libsql://host?authToken=SECRET&authToken=SECRET'))).not.toContain('SECRET');
  });

  it('begin at the first question mark only', () => {
    expect(refusal('libsql://host?authToken=a?b=c&d').message).toMatch(/Unknown option 'd'/);
    expect(parse('libsql://host?authToken=a?b=c').authToken?.reveal()).toBe('a?b=c');
  });
});

describe('unknown schemes', () => {
  it.each([
    ['postgres://host/db', 'postgres:'],
    ['libsql:docs.db', 'libsql:'],
    ['wss://host', 'wss:'],
    ['sqlitevec:docs.db', 'sqlitevec:'],
  ])('%j is refused with all forms that are known', (text, scheme) => {
    const { message } = refusal(text);
    expect(message).toContain(`Unknown scheme '${scheme}'`);
    for (const { example, description } of backends.flatMap((backend) => backend.schemes)) {
      expect(message).toContain(`${example}  (${description})`);
    }
  });

  it('a plain path needs a backend that claims it', () => {
    expect(refusal('docs.db', [sqliteVec]).message).toMatch(/No backend serves a plain path/);
  });

  it('the longest matching prefix wins, whatever the order', () => {
    const narrow: Known = {
      name: 'narrow',
      schemes: [
        { prefix: 'file:special/', location: 'path', example: 'file:special/x', description: 'narrow' },
      ],
      options: [],
    };
    for (const list of [
      [libsql, narrow],
      [narrow, libsql],
    ]) {
      expect(parseConnectionString('file:special/x', { backends: list }).backend).toBe('narrow');
      expect(parseConnectionString('file:specialx', { backends: list }).backend).toBe('libsql');
    }
  });
});

describe('tokens', () => {
  const env = { LIBSQL_AUTH_TOKEN: 'from-libsql', TURSO_AUTH_TOKEN: 'from-turso' };
  const tokenOf = (text: string, variables?: Record<string, string | undefined>) =>
    parse(text, variables)?.authToken?.reveal() ?? null;

  it('come from the string, then LIBSQL_AUTH_TOKEN, then TURSO_AUTH_TOKEN', () => {
    expect(tokenOf('libsql://host?authToken=own', env)).toBe('own');
    expect(tokenOf('libsql://host', env)).toBe('from-libsql');
    expect(tokenOf('libsql://host', { ...env, LIBSQL_AUTH_TOKEN: undefined })).toBe('from-turso');
    expect(tokenOf('libsql://host', { ...env, LIBSQL_AUTH_TOKEN: '' })).toBe('from-turso');
    expect(tokenOf('libsql://host', {})).toBeNull();
    expect(tokenOf('libsql://host')).toBeNull();
  });

  it('an empty one in the string means none', () => {
    expect(tokenOf('libsql://host?authToken=', env)).toBeNull();
  });

  it('are not among the options', () => {
    expect(parse('libsql://host?authToken=own&busyTimeoutMs=3').options).toEqual({ busyTimeoutMs: 3 });
  });

  it.each([
    'libsql://host?authToken=SECRET',
    'libsql://host?authToken=SECRET&busyTimeoutMs=9',
    'replica.db?authToken=SECRET&syncUrl=libsql://host',
    'libsql://host?auth%54oken=SECRET',
    'docs.db?encryptionKey=SECRET',
  ])('of %j are shown nowhere', (text) => {
    const connection = parse(text);
    expect(shown(connection)).not.toContain('SECRET');
    expect(connection.redacted).toContain('=[redacted]');
    const secret = connection.authToken ?? connection.options.encryptionKey;
    expect(secret).toBeInstanceOf(Secret);
    expect((secret as Secret).reveal()).toBe('SECRET');
    expect(`${secret}`).toBe('[redacted]');
  });

  it('from the environment are shown nowhere', () => {
    const connection = parse('libsql://host', { LIBSQL_AUTH_TOKEN: 'SECRET' });
    expect(connection.authToken?.reveal()).toBe('SECRET');
    expect(shown(connection)).not.toContain('SECRET');
  });

  it.each([
    'libsql://host?authToken=SECRET&nonsense=1',
    'libsql://host?authToken=SECRET&busyTimeoutMs=x',
    'libsq://host?authToken=SECRET',
    'sqlite-vec:docs.db?authToken=SECRET',
    'libsql://host?authtoken=SECRET',
    'libsql://host?SECRET.which.follows.no.name',
  ])('are not repeated when %j is refused', (text) => {
    expect(shown(refusal(text))).not.toContain('SECRET');
  });

  it('are blotted out of a message that a driver wrote', () => {
    expect(new Secret('SECRET').redact('401 for SECRET at SECRET')).toBe('401 for [redacted] at [redacted]');
    expect(new Secret('').redact('nothing')).toBe('nothing');
  });
});

describe('the redacted form', () => {
  it('names the same store again', () => {
    for (const text of [
      'docs.db',
      'file:a%20b.db?busyTimeoutMs=5&migrate=auto',
      'r.db?syncUrl=http%3A%2F%2Fh%3A1',
    ]) {
      const connection = parse(text);
      expect(connection.redacted).toBe(text);
      expect(parse(connection.redacted)).toEqual(connection);
    }
  });

  it('keeps everything but the secret', () => {
    expect(parse('libsql://host/db?authToken=hush&busyTimeoutMs=5').redacted).toBe(
      'libsql://host/db?authToken=[redacted]&busyTimeoutMs=5',
    );
  });
});

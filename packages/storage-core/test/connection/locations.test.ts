import { describe, expect, it } from 'vitest';
import { libsql, parse, refusal, shown } from './support/parsing.js';

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
  ])('%j belongs to sqlite-vec, with its path unchanged', (text, path) => {
    expect(parse(text)).toMatchObject({ backend: 'sqlite-vec', location: { type: 'file', path } });
  });

  it.each([
    ['', /empty/],
    ['   ', /empty/],
    ['file:', /contains no path/],
    ['file:?migrate=auto', /contains no path/],
    ['sqlite-vec:', /contains no path/],
    ['file://host/docs.db', /has no host/],
    ['file:bad%2.db', /percent-encoded/],
    ['file:nul%00.db', /NUL/],
    ['file::memory:', /not the name of a file/],
    ['sqlite-vec::memory:', /not the name of a file/],
  ])('refuses %j', (text, message) => {
    expect(refusal(text).message).toMatch(message);
  });

  it('never use a token from the environment', () => {
    expect(parse('docs.db', { LIBSQL_AUTH_TOKEN: 'hush' }).authToken).toBeNull();
  });
});

describe('in memory', () => {
  it.each([':memory:', ':MEMORY:'])('%j is in memory', (text) => {
    expect(parse(text).location).toEqual({ type: 'memory' });
  });

  it('accept options', () => {
    expect(parse(':memory:?checked=true')).toMatchObject({
      location: { type: 'memory' },
      options: { checked: true },
    });
  });

  it('requires a backend that supports it: another one would create a file of that name', () => {
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
    ['https://host?syncUrl=libsql://other', /requires a local file/],
    [':memory:?syncUrl=libsql://other', /requires a local file/],
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

  it('may percent-encode the syncUrl', () => {
    const { location } = parse('replica.db?syncUrl=http%3A%2F%2F127.0.0.1%3A8080');
    expect(location).toEqual({ type: 'replica', path: 'replica.db', syncUrl: 'http://127.0.0.1:8080' });
  });

  it.each([
    ['replica.db?syncUrl=', /not a URL/],
    ['replica.db?syncUrl=ftp://host', /not 'ftp:'/],
    ['replica.db?syncUrl=docs.example.io', /not a URL/],
  ])('refuses %j', (text, message) => {
    expect(refusal(text).message).toMatch(message);
  });

  it('use a token from the environment', () => {
    const { authToken } = parse('replica.db?syncUrl=libsql://host', { TURSO_AUTH_TOKEN: 'hush' });
    expect(authToken?.reveal()).toBe('hush');
  });
});

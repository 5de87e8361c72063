import { join } from 'node:path';
import { parseConnectionString } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';
import { backends, type Known, libsql, parse, refusal, shown, sqliteVec } from './support/parsing.js';

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

  it('enforce the bounds of an integer', () => {
    expect(parse('docs.db?busyTimeoutMs=0').options).toEqual({ busyTimeoutMs: 0 });
    expect(parse('docs.db?busyTimeoutMs=600000').options).toEqual({ busyTimeoutMs: 600_000 });
    for (const value of ['600001', '-1', '1.5', '1e3', '0x10', '', 'many', '99999999999999999999']) {
      expect(refusal(`docs.db?busyTimeoutMs=${value}`).message).toMatch(
        /busyTimeoutMs= takes a whole number from 0 to 600000/,
      );
    }
  });

  it('that are boolean accept only true or false', () => {
    for (const value of ['', '1', 'TRUE', 'yes']) {
      expect(refusal(`docs.db?checked=${value}`).message).toMatch(/true or false/);
    }
  });

  it('with a list of values show it in the error', () => {
    expect(refusal('docs.db?migrate=sometimes').message).toMatch(/migrate= takes one of auto, never/);
  });

  it('that are unknown are refused with a list of the known ones', () => {
    const { message } = refusal('docs.db?busyTimeout=5');
    expect(message).toContain("Unknown option 'busyTimeout' for the libsql backend");
    for (const { name } of libsql.options) expect(message).toContain(name);
  });

  it('belong to their backend', () => {
    expect(refusal('sqlite-vec:docs.db?syncUrl=libsql://host').message).toMatch(
      /Unknown option 'syncUrl' for the sqlite-vec backend. Known options: busyTimeoutMs\./,
    );
  });

  it('may be set only once', () => {
    expect(refusal('docs.db?busyTimeoutMs=1&busyTimeoutMs=1').message).toMatch(
      /'busyTimeoutMs' is set twice/,
    );
    expect(shown(refusal('libsql://host?authToken=SECRET&authToken=SECRET'))).not.toContain('SECRET');
  });

  it('begin at the first question mark only', () => {
    expect(refusal('libsql://host?authToken=a?b=c&d').message).toMatch(/Unknown option for/);
    expect(parse('libsql://host?authToken=a?b=c').authToken?.reveal()).toBe('a?b=c');
  });
});

describe('unknown schemes', () => {
  it.each([
    ['postgres://host/db', 'postgres:'],
    ['libsql:docs.db', 'libsql:'],
    ['wss://host', 'wss:'],
    ['sqlitevec:docs.db', 'sqlitevec:'],
  ])('%j is refused with a list of all known forms', (text, scheme) => {
    const { message } = refusal(text);
    expect(message).toContain(`Unknown scheme '${scheme}'`);
    for (const { example, description } of backends.flatMap((backend) => backend.schemes)) {
      expect(message).toContain(`${example}  (${description})`);
    }
  });

  it.each([
    ['libslq://host', "Did you mean 'libsql:'?"],
    ['sqlitevec:docs.db', "Did you mean 'sqlite-vec:'?"],
    ['fil:docs.db', "Did you mean 'file:'?"],
    ['LIBSQL:/host', "A slash is missing after 'libsql:/': path.join() removes one."],
    ['https:/host', "A slash is missing after 'https:/': path.join() removes one."],
  ])('%j is refused with a hint', (text, hint) => {
    expect(refusal(text).message).toContain(`. ${hint} Known forms:`);
  });

  it('there is no hint for a scheme that resembles none', () => {
    expect(refusal('postgres://host/db').message).toMatch(/^Unknown scheme 'postgres:'\. Known forms:/);
  });

  it.each([
    [join('data', 'libsql://secret-host'), 'libsql:/'],
    [`/var/lib/docs/${join('https://secret-host')}`, 'https:/'],
    [join('data', 'file:secret-host.db'), 'file:'],
    [join('data', 'sqlite-vec:secret-host.db'), 'sqlite-vec:'],
    ['data\\libsql:\\secret-host', 'libsql:/'],
  ])('%j, a connection string joined to a folder, is refused', (text, inside) => {
    const { message } = refusal(text);
    expect(message).toMatch(
      new RegExp(`^The path contains '${inside}': a connection string was joined to a folder`),
    );
    expect(message).not.toContain('secret-host');
  });

  it.each(['data/libsql/docs.db', 'a/files:1.db', './my-file:2.db', 'http/docs.db'])(
    '%j is a path',
    (text) => {
      expect(parseConnectionString(text, { backends }).location).toEqual({ type: 'file', path: text });
    },
  );

  it('a plain path needs a backend that claims it', () => {
    expect(refusal('docs.db', [sqliteVec]).message).toMatch(/No backend serves a plain path/);
  });

  it('the longest matching prefix wins, in any order', () => {
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

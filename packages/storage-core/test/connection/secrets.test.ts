import { Secret } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';
import { parse, refusal, shown } from './support/parsing.js';

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

  it.each([
    'docs.db?authToken=SECRET',
    'file:docs.db?busyTimeoutMs=5&authToken=SECRET',
    ':memory:?authToken=SECRET',
  ])('are refused without a server: %j', (text) => {
    const error = refusal(text);
    expect(error.message).toMatch(/authToken= requires a server.*syncUrl=/s);
    expect(shown(error)).not.toContain('SECRET');
    expect(parse(text.replace('SECRET', '')).authToken).toBeNull();
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
  ])('of %j are never shown', (text) => {
    const connection = parse(text);
    expect(shown(connection)).not.toContain('SECRET');
    expect(connection.redacted).toContain('=[redacted]');
    const secret = connection.authToken ?? connection.options.encryptionKey;
    expect(secret).toBeInstanceOf(Secret);
    expect((secret as Secret).reveal()).toBe('SECRET');
    expect(`${secret}`).toBe('[redacted]');
  });

  it('from the environment are never shown', () => {
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

  it('are redacted in messages of drivers', () => {
    expect(new Secret('SECRET').redact('401 for SECRET at SECRET')).toBe('401 for [redacted] at [redacted]');
    expect(new Secret('').redact('nothing')).toBe('nothing');
  });
});

describe('the redacted form', () => {
  it('identifies the same store when parsed again', () => {
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

  it('keeps recognized parts, but not a path on a server, which may be a token', () => {
    expect(parse('libsql://host/db?authToken=hush&busyTimeoutMs=5').redacted).toBe(
      'libsql://host/…?authToken=[redacted]&busyTimeoutMs=5',
    );
  });
});

import { parseConnectionString } from '@switchyard/storage-core';
import { secretsOf } from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';
import { type Known, libsql, refusal, shown } from './support/parsing.js';

/** A backend of a third party, whose servers have credentials and options of their own. */
const postgres: Known = {
  name: 'postgres',
  schemes: [
    {
      prefix: 'postgres://',
      location: 'server',
      protocols: ['postgres:', 'postgresql:'],
      credentials: true,
      showPath: true,
      tokenVariables: ['PGTOKEN'],
      example: 'postgres://USER:PASSWORD@HOST/DB',
      description: 'a server',
      options: [
        { name: 'sslmode', type: 'string', values: ['disable', 'require'], description: 'Encryption.' },
        { name: 'password', type: 'token', description: 'Password.' },
      ],
    },
    { prefix: 'https://pg.', location: 'server', example: 'https://pg.HOST', description: 'a proxy' },
    { prefix: 'pglite:', location: 'path', example: 'pglite:docs', description: 'a folder' },
  ],
  options: [{ name: 'poolSize', type: 'integer', min: 1, description: 'Connections.' }],
};
const backends = [postgres, libsql];
const parse = (text: string, env = {}) => parseConnectionString(text, { backends, env });

describe('the schemes of other backends', () => {
  it('have their own protocols, and the options of the backend and of the form', () => {
    const connection = parse('postgres://127.0.0.1:5432/docs?sslmode=require&poolSize=4');
    expect(connection).toMatchObject({
      backend: 'postgres',
      location: { type: 'server', url: 'postgres://127.0.0.1:5432/docs' },
      authToken: null,
      options: { sslmode: 'require', poolSize: 4 },
      redacted: 'postgres://127.0.0.1:5432/docs?sslmode=require&poolSize=4',
    });
    expect(connection.credentials).toBeUndefined();
  });

  it('may have a user and a password, which no text shows', () => {
    const connection = parse('postgres://m%40e:p%2FSECRET@127.0.0.1/docs');
    expect(connection.credentials?.user).toBe('m@e');
    expect(connection.credentials?.password?.reveal()).toBe('p/SECRET');
    expect(connection.location).toEqual({ type: 'server', url: 'postgres://127.0.0.1/docs' });
    expect(connection.redacted).toBe('postgres://127.0.0.1/docs');
    expect(secretsOf(connection).map((secret) => secret.reveal())).toEqual(['p/SECRET']);
    expect(shown(connection)).not.toContain('SECRET');
  });

  it('accept the option of one form in that form only', () => {
    expect(refusal('pglite:docs?sslmode=require', backends).message).toMatch(
      /Unknown option 'sslmode' for the postgres backend. Known options: poolSize\./,
    );
  });

  it('name the token as they like', () => {
    expect(parse('postgres://h/docs?password=hush').authToken?.reveal()).toBe('hush');
    expect(parse('postgres://h/docs', { PGTOKEN: 'hush' }).authToken?.reveal()).toBe('hush');
    expect(refusal('postgres://h/docs?token=SECRET', backends).message).toContain('password=TOKEN');
  });

  it.each(['postgres://h/docs', 'https://pg.example/docs'])('get no token of another service: %s', (text) => {
    const env = { LIBSQL_AUTH_TOKEN: 'of another', TURSO_AUTH_TOKEN: 'of another' };
    expect(parse(text, env).authToken).toBeNull();
  });

  it('take the protocol of their prefix without a list, and refuse credentials unless they allow them', () => {
    expect(parse('https://pg.example/docs').location).toEqual({
      type: 'server',
      url: 'https://pg.example/docs',
    });
    const refused = refusal('https://pg.SECRET:SECRET@example/docs', backends);
    expect(refused.message).toBe('The address of a server cannot contain a user or password.');
    expect(shown(refused)).not.toContain('SECRET');
  });

  it.each([
    'postgres://me:SECRET@h/docs?x=1',
    'postgres://me:SECRET@h/docs#x',
    'postgres://me:SECRET@/docs',
    'postgres://me:SECRET@h:bad/docs',
    'postgres://me:%FFSECRET@h/docs',
    'postgres://me:SECRET@h/docs&sslmode=require',
    'postgres://me:12/SECRET@h/docs',
    'postgres://me:SECRET@h/docs?poolSize=0',
  ])('repeat no password when they refuse %s', (text) => {
    const refused = refusal(text, backends);
    expect(shown(refused)).not.toContain('SECRET');
    expect(refused.message).not.toMatch(/libsql|authToken|syncUrl/);
  });
});

import { type Connection, isStorageError, parseConnectionString } from '@switchyard/storage-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backends, shown } from './support/parsing.js';

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'];
const word = (minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...letters), { minLength, maxLength }).map((chars) => `X${chars.join('')}9`);

/** Random words, and what JWTs look like. */
const tokens = fc.oneof(
  word(20, 40),
  fc.tuple(word(30, 40), word(60, 90), word(84, 84)).map((parts) => `ey${parts.join('.')}`),
);

const encode = (text: string) =>
  [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

/** Connection strings with a token where people put one by mistake. */
const places: readonly ((token: string) => string)[] = [
  (token) => `http://127.0.0.1:8080/&authToken=${token}`,
  (token) => `http://host&authToken=${token}`,
  (token) => `libsql://host;authToken=${token}`,
  (token) => `libsql://host/authToken=${token}`,
  (token) => `libsql://host/${token}`,
  (token) => `libsql://host/db/${token}?busyTimeoutMs=5`,
  (token) => `libsql://host/%26authToken%3D${token}`,
  (token) => `libsql://host/?${token}`,
  (token) => `libsql://host?${token}=`,
  (token) => `libsql://host#${token}`,
  (token) => `libsql://host?authToken=x#${token}`,
  (token) => `libsql://${token}@host`,
  (token) => `libsql://me:${token}@host`,
  (token) => `libsql://me:${token}@host:port`,
  (token) => `libsql://host:${token}`,
  (token) => `${token}://host`,
  (token) => `${token}:@host`,
  (token) => `postgres://me:${token}@host/db`,
  ...['authtoken', 'token', 'auth_token', 'jwt', 'auth%54oken', 'AUTHTOKEN', 'busyTimeoutMs', 'migrate'].map(
    (name) => (token: string) => `libsql://host?${name}=${token}`,
  ),
  (token) => `libsql://host?authToken=${token}`,
  (token) => `libsql://host?authToken=${encode(token)}`,
  (token) => `libsql://host?authToken=${token}&authToken=${token}`,
  (token) => `libsql://host?authToken=a&token=${token}`,
  (token) => `docs.db?authToken=${token}`,
  (token) => `docs.db&authToken=${token}`,
  (token) => `docs.db#authToken=${token}`,
  (token) => `docs.db%26authToken%3d${token}`,
  (token) => `docs.db&${token}`,
  (token) => `file:docs.db#${token}`,
  (token) => `file:docs.db%26jwt=${token}`,
  (token) => `file://me:${token}@host/docs.db`,
  (token) => `file:x.db?syncUrl=http://h&authToken=${token}`,
  (token) => `file:x.db?syncUrl=http://h/%26authToken=${token}`,
  (token) => `file:x.db?syncUrl=http://me:${token}@h`,
  (token) => `file:x.db?syncUrl=http://h/${token}`,
  (token) => `file:x.db?syncUrl=http://h%3FauthToken=${token}`,
  (token) => `file:x.db?syncUrl=${token}:h`,
  (token) => `:memory:?authToken=${token}`,
  (token) => `sqlite-vec:x.db&authToken=${token}`,
  (token) => `sqlite-vec:x.db?authToken=${token}`,
];

function attempt(text: string): Connection | Error {
  try {
    return parseConnectionString(text, { backends });
  } catch (error) {
    if (!isStorageError(error, 'STORAGE_CONNECTION_STRING')) throw error;
    return error;
  }
}

describe('a token anywhere in a connection string', () => {
  it('is neither in the error nor in the redacted connection string', () => {
    fc.assert(
      fc.property(tokens, fc.constantFrom(...places), (token, place) => {
        const result = attempt(place(token));
        const secrets = [token, encode(token), token.toLowerCase()];
        if (result instanceof Error) {
          for (const secret of secrets)
            expect(shown(result).toLowerCase()).not.toContain(secret.toLowerCase());
        } else {
          // The address itself goes to the driver; only `redacted` is shown.
          expect(result.redacted).not.toContain(token);
          expect(shown(result.options)).not.toContain(token);
          expect(shown(result.authToken)).not.toContain(token);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused, or parsed as the token or as a path on a server, in every place', () => {
    const accepted = places
      .map((place) => place('TOKEN_that_is_24_letters'))
      .filter((text) => !(attempt(text) instanceof Error));
    expect(accepted).toEqual([
      'libsql://host/TOKEN_that_is_24_letters',
      'libsql://host/db/TOKEN_that_is_24_letters?busyTimeoutMs=5',
      'libsql://host?authToken=x#TOKEN_that_is_24_letters',
      'libsql://host?auth%54oken=TOKEN_that_is_24_letters',
      'libsql://host?authToken=TOKEN_that_is_24_letters',
      `libsql://host?authToken=${encode('TOKEN_that_is_24_letters')}`,
      'file:x.db?syncUrl=http://h&authToken=TOKEN_that_is_24_letters',
      'file:x.db?syncUrl=http://h/TOKEN_that_is_24_letters',
    ]);
  });

  it('keeps file names recognizable', () => {
    for (const text of [
      'docs.db',
      'C#/docs.db',
      'R&D.db',
      '/srv/a b/docs.db',
      'file:a%20b.db',
      'c#-notes-of-a-long-name.db',
    ])
      expect(parseConnectionString(text, { backends }).redacted).toBe(text);
  });
});

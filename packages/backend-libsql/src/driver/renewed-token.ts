import { isStorageError, type Secret } from '@switchyard/storage-core';
import type { TokenSource } from '@switchyard/storage-core/backend';
import type { RemoteDriver } from './remote-driver.js';

/**
 * Runs a call, and repeats it with another token if the server refused the current one. Not if a part of the call was
 * done, which would be done twice.
 */
export async function runRemotely<T>(
  driver: RemoteDriver,
  tokens: TokenSource,
  work: () => Promise<T>,
): Promise<T> {
  const { current } = tokens;
  const before = driver.writesSent;
  try {
    return await work();
  } catch (error) {
    if (!tokens.isRenewable || !isTokenRefusal(error, current)) throw error;
    if (!(await tokens.renew(current))) throw error;
    driver.reconnect();
    if (driver.writesSent !== before) throw error;
  }
  return work();
}

/** Opens a store with a token, and repeats that with another one if it was refused. */
export async function openWithToken(tokens: TokenSource, open: () => Promise<void>): Promise<void> {
  if (!tokens.isRenewable) return open();
  await tokens.load();
  const { current } = tokens;
  try {
    await open();
  } catch (error) {
    // The function may have returned a cached token that has expired.
    if (!isTokenRefusal(error, current) || !(await tokens.renew(current))) throw error;
    await open();
  }
}

/** Returns true if another token may help. A read-only token is not renewed for a write. */
function isTokenRefusal(error: unknown, token: Secret | null): boolean {
  if (!isStorageError(error)) return false;
  if (error.code === 'STORAGE_UNAUTHORIZED') return error.details?.reason !== 'read-only-token';
  // The binding does not report why a replica cannot fetch. It is reopened only if the token has certainly expired: while
  // its server is unreachable, an open replica can still be read, and a new one cannot be opened.
  return error.code === 'STORAGE_UNREACHABLE' && token !== null && hasExpired(token.reveal());
}

/** Returns true for a JWT that has expired, false for one that has not and for anything else. */
function hasExpired(token: string): boolean {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { exp } = claims as { readonly exp?: unknown };
    return typeof exp === 'number' && exp * 1000 < Date.now();
  } catch {
    return false;
  }
}

import { isStorageError, type Secret } from '@switchyard/storage-core';
import type { TokenSource } from '@switchyard/storage-core/backend';
import type { RemoteDriver } from './remote-driver.js';

/**
 * Runs a call, and once more with another token when the server refused the one it had. Not when a part of the call
 * was done: it would be done twice.
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

/** Opens a store with a token; once more with another one when that was refused. */
export async function openWithToken(tokens: TokenSource, open: () => Promise<void>): Promise<void> {
  if (!tokens.isRenewable) return open();
  await tokens.load();
  const { current } = tokens;
  try {
    await open();
  } catch (error) {
    // What the function kept may have expired meanwhile.
    if (!isTokenRefusal(error, current) || !(await tokens.renew(current))) throw error;
    await open();
  }
}

/** Whether another token may help. One that may read is not renewed for a write. */
function isTokenRefusal(error: unknown, token: Secret | null): boolean {
  if (!isStorageError(error)) return false;
  if (error.code === 'STORAGE_UNAUTHORIZED') return error.details?.reason !== 'read-only-token';
  // The binding does not say why a replica cannot fetch. It is opened anew only for a token that cannot be valid: while
  // its server is away, an open replica reads on and a new one cannot be opened.
  return error.code === 'STORAGE_UNREACHABLE' && token !== null && hasExpired(token.reveal());
}

/** Whether a JWT says that its time is over. What is no JWT does not say. */
function hasExpired(token: string): boolean {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { exp } = claims as { readonly exp?: unknown };
    return typeof exp === 'number' && exp * 1000 < Date.now();
  } catch {
    return false;
  }
}

import { Secret, StorageError } from '@switchyard/storage-core';
import { TokenSource } from '@switchyard/storage-core/backend';
import { describe, expect, it } from 'vitest';

describe('TokenSource', () => {
  it('returns a string or a secret unchanged, and fetches nothing', async () => {
    for (const given of ['hush', new Secret('hush')]) {
      const tokens = new TokenSource(given);
      await tokens.load();
      expect(tokens.current?.reveal()).toBe('hush');
      expect(tokens.isRenewable).toBe(false);
      expect(await tokens.renew(tokens.current)).toBe(false);
    }
    expect(new TokenSource('').current).toBeNull();
    expect(new TokenSource(undefined).current).toBeNull();
    expect(() => new TokenSource(5 as unknown as string)).toThrow(TypeError);
  });

  it('fetches once for all callers whose token was rejected', async () => {
    let calls = 0;
    const tokens = new TokenSource(async () => `token-${++calls}`);
    await tokens.load();
    const refused = tokens.current;
    expect(await Promise.all([tokens.renew(refused), tokens.renew(refused)])).toEqual([true, true]);
    expect(await tokens.renew(refused)).toBe(true); // there is another one already
    expect([calls, tokens.current?.reveal()]).toEqual([2, 'token-2']);
    expect(tokens.redact('token-1, token-2')).toBe('[redacted], [redacted]');
  });

  it('reports that there is no other token if the function returns the same one', async () => {
    const tokens = new TokenSource(() => 'same');
    await tokens.load();
    expect(await tokens.renew(tokens.current)).toBe(false);
  });

  it('a failing function is STORAGE_UNAUTHORIZED, without tokens in its message', async () => {
    let fails = false;
    const tokens = new TokenSource(() => {
      if (fails) throw new Error('vault is sealed, last was hush');
      return 'hush';
    });
    await tokens.load();
    fails = true;
    const error = await tokens.load().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({
      code: 'STORAGE_UNAUTHORIZED',
      cause: { message: 'vault is sealed, last was [redacted]' },
    });
    await expect(new TokenSource((() => 5) as unknown as () => string).load()).rejects.toThrow(TypeError);
  });
});

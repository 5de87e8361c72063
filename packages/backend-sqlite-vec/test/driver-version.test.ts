import { isStorageError } from '@switchyard/storage-core';
import { describe, expect, it } from 'vitest';
import { requireLoadableDriver } from '../src/store/driver-version.js';

describe('the version of better-sqlite3', () => {
  it.each([
    ['12.11.1', '20.20.2'],
    ['12.11.1', '26.1.0'],
    ['13.2.0', '22.0.0'],
    ['13.2.0', '26.1.0'],
    ['14.0.0', '24.1.0'],
  ])('%s is loaded on Node %s', (driver, node) => {
    expect(() => requireLoadableDriver(driver, node)).not.toThrow();
  });

  it.each(['13.0.0', '13.2.0', '14.1.0'])(
    '%s, which ends Node 20 by a signal, is refused there',
    (driver) => {
      const load = () => requireLoadableDriver(driver, '20.20.2');
      expect(load).toThrow(`better-sqlite3 ${driver} would crash Node 20.20.2: it needs Node 22 or later.`);
      expect(load).toThrow(expect.toSatisfy((error) => isStorageError(error, 'STORAGE_NOT_SUPPORTED')));
    },
  );

  it('is that of the installed package otherwise, which can be loaded here', () => {
    expect(() => requireLoadableDriver()).not.toThrow();
  });
});

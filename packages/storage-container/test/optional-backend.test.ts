import { createRequire } from 'node:module';
import {
  importBackend,
  optionalBackend,
  SwitchyardContainer,
} from '@switchyard/storage-container/standalone';
import { describe, expect, it } from 'vitest';
import { lifecycleDefinition } from './support.js';

const { create: _create, ...forms } = lifecycleDefinition('files', 'files:');

describe('an optional backend', () => {
  it('is parsed before it is loaded, and loaded once, by the first opening', async () => {
    const log: string[] = [];
    let loads = 0;
    const backend = optionalBackend(forms, {
      stores: 'Files',
      load: async () => {
        loads += 1;
        return lifecycleDefinition('files', 'files:', log);
      },
    });
    await using container = new SwitchyardContainer([backend], {});
    expect(container.parse('files:a').location).toEqual({ type: 'file', path: 'a' });
    expect(loads).toBe(0);
    await container.openBackend('files:a');
    await container.openBackend('files:b');
    expect(loads).toBe(1);
    expect(log).toEqual(['open a', 'open b']);
  });

  it('refuses to be created before it is loaded', () => {
    const backend = optionalBackend(forms, {
      stores: 'Files',
      load: async () => ({ ...forms, create: _create }),
    });
    const container = new SwitchyardContainer([backend], {});
    expect(() => container.createBackend('files:a')).toThrow(/Call load\(\) of the files backend/);
    expect(() => container.createBackend('files:a')).toThrow(TypeError);
  });

  it('can be opened again after its package was installed', async () => {
    let isInstalled = false;
    const load = async () => {
      if (!isInstalled) await import('no-such-package-here' as string);
      return lifecycleDefinition('files', 'files:');
    };
    await using container = new SwitchyardContainer([optionalBackend(forms, { stores: 'Files', load })], {});
    await expect(container.openBackend('files:a')).rejects.toMatchObject({ code: 'STORAGE_NOT_SUPPORTED' });
    isInstalled = true;
    await expect(container.openBackend('files:a')).resolves.toMatchObject({ name: 'files' });
  });
});

describe('importing a backend', () => {
  const requireHere = createRequire(import.meta.url);

  it.each([
    ['a package', () => import('no-such-package-here' as string), 'no-such-package-here'],
    ['an entry of a package', () => import('@scope/none/entry' as string), '@scope/none'],
    ['a package of CommonJS', async () => requireHere('no-such-driver'), 'no-such-driver'],
  ])('names %s that is not installed', async (_, load, name) => {
    const failed = importBackend({ stores: 'Shelves', load, advice: 'Or do without.' });
    await expect(failed).rejects.toMatchObject({
      code: 'STORAGE_NOT_SUPPORTED',
      message: `Shelves need the package ${name}, which is not installed.`,
      advice: `Install it beside the program: npm install ${name}. Or do without.`,
    });
  });

  it.each([
    ['an error of its own', () => Promise.reject(new Error('no binding'))],
    ['a missing module of its own', () => import('./no-such-module.js' as string)],
  ])('passes on %s', async (_, load) => {
    await expect(importBackend({ stores: 'Shelves', load })).rejects.not.toHaveProperty('advice');
  });
});

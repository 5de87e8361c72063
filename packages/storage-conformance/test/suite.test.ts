import {
  type ConformanceOptions,
  contractTests,
  defineBackendConformance,
  type TestRunner,
} from '@switchyard/storage-conformance';
import { createMemoryState, MemoryBackend, type MemoryState } from '@switchyard/storage-conformance/memory';
import { runConformance } from '@switchyard/storage-conformance/suite';
import { StorageError } from '@switchyard/storage-core';
import { describe, expect, it, vi } from 'vitest';

/** A runner that only collects tests, and runs them on demand. */
function collecting() {
  const bodies = new Map<string, () => Promise<string | null>>();
  const endings: (() => Promise<void>)[] = [];
  const runner: TestRunner = {
    describe: (_, body) => body(),
    test: (title, body) => {
      const id = /^\[([^\]]+)\]/.exec(title)?.[1] ?? title;
      bodies.set(id, async () => {
        let skipped: string | null = null;
        await body((reason) => {
          skipped = reason;
        });
        return skipped;
      });
    },
    afterAll: (body) => {
      endings.push(body);
    },
  };
  const end = async () => {
    for (const body of endings) await body();
  };
  const run = async (id: string): Promise<string | null> => {
    const body = bodies.get(id);
    if (body === undefined) throw new Error(`no test ${id}`);
    return body();
  };
  return { runner, bodies, run, end };
}

function define(options: Partial<ConformanceOptions> = {}) {
  const collected = collecting();
  const create = () => new MemoryBackend();
  defineBackendConformance({ name: 'memory', create, ...options, runner: collected.runner });
  return collected;
}

describe('defineBackendConformance', () => {
  it('registers every contract test under a unique id, and a final one that counts', () => {
    const { bodies } = define();
    expect([...bodies.keys()]).toEqual([...contractTests.map(({ id }) => id), 'count']);
  });

  it('has 387 contract tests, so that a lost file is noticed', () => {
    expect(contractTests).toHaveLength(387);
    expect(contractTests.every(({ id }) => /^[a-z0-9-]+\/[a-z0-9-]+$/.test(id))).toBe(true);
  });

  it('skips tests of undeclared capabilities and gives the reason', async () => {
    const { run } = define();
    expect(await run('persistence/everything')).toBe('persistent is not declared');
    expect(await run('fts/one-term')).toBeNull();
  });

  it('skips tests that need a missing hook and gives the reason', async () => {
    const capabilities = { persistent: true, multiProcess: true };
    const { run } = define({ create: () => new MemoryBackend({ capabilities }) });
    expect(await run('persistence/seen-by-another-connection')).toBe('create() provides no reopen()');
  });

  it('fails when a contract test fails', async () => {
    const { run } = define({ create: () => new MemoryBackend({ capabilities: { maxDimension: 0 } }) });
    await expect(run('capabilities/declaration')).rejects.toThrow();
  });

  it('passes with a known fault and fails once it is fixed', async () => {
    const broken = define({
      create: () => new MemoryBackend({ capabilities: { maxDimension: 0 } }),
      knownFaults: ['capabilities/declaration'],
    });
    expect(await broken.run('capabilities/declaration')).toBeNull();
    const mended = define({ knownFaults: ['capabilities/declaration'] });
    await expect(mended.run('capabilities/declaration')).rejects.toThrow('remove it from knownFaults');
  });

  it('rejects a known fault that is not a contract test', () => {
    expect(() => define({ knownFaults: ['vectors/no-such-test'] })).toThrow(TypeError);
    expect(() => define({ runs: 0 })).toThrow(TypeError);
  });

  it('runs the wanted groups only, and refuses an unknown one', async () => {
    const { bodies } = define({ groups: ['relatives', 'ids'] });
    const groups = new Set([...bodies.keys()].map((id) => id.split('/')[0]));
    expect([...groups]).toEqual(['ids', 'relatives', 'count']);
    vi.stubEnv('CONFORMANCE_GROUPS', 'all');
    expect(define({ groups: ['relatives'] }).bodies).toHaveProperty('size', contractTests.length + 1);
    vi.unstubAllEnvs();
    expect(() => define({ groups: ['vector'] })).toThrow("there is no group 'vector'. Groups: lifecycle,");
  });

  it('prints a line for each finished group, and a table at the end', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const { run, bodies } = define({ groups: ['relatives', 'persistence'], report: 'groups', skipped: 99 });
      for (const id of bodies.keys()) await run(id);
      const [relatives, persistence, table] = log.mock.calls.map(([text]) => String(text));
      expect(relatives).toMatch(/^memory: relatives: \d+ passed \(\d+\.\d s\)$/);
      expect(persistence).toMatch(/^memory: persistence: 0 passed, \d+ skipped/);
      expect(table).toMatch(/^group +passed +skipped +known +failed +seconds\nrelatives +\d+ +0 +0 +0 +\d/);
      expect(table).toMatch(/\nmemory: \d+ contract tests of relatives, persistence, \d+ skipped$/);
    } finally {
      log.mockRestore();
    }
  });

  it('fails when tests were not executed, or when more were skipped than expected', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const { run } = define();
      await run('fts/one-term');
      await expect(run('count')).rejects.toThrow('1 finished');
      const all = define({ skipped: 0, runs: 2 });
      for (const { id } of contractTests) await all.run(id);
      await expect(all.run('count')).rejects.toThrow('11 contract tests were skipped; 0 were expected');
      expect(log.mock.calls.at(-1)).toEqual([
        `memory: ${contractTests.length - 11} contract tests, 11 skipped`,
      ]);
    } finally {
      log.mockRestore();
    }
  });

  it('turns each provokable error into a contract test and detects secrets', async () => {
    const cleaned: string[] = [];
    const failing = (error: StorageError) => async () => ({
      provoke: () => Promise.reject(error),
      cleanup: () => {
        cleaned.push(error.code);
      },
    });
    const { run } = define({
      secrets: ['tok-123'],
      provoke: {
        STORAGE_BUSY: failing(new StorageError('STORAGE_BUSY', 'Another process writes.')),
        STORAGE_DISK_FULL: failing(new StorageError('STORAGE_BUSY', 'Another process writes.')),
        STORAGE_UNAUTHORIZED: failing(
          new StorageError('STORAGE_UNAUTHORIZED', 'refused', {
            cause: new Error('token tok-123 is too old'),
          }),
        ),
      },
    });
    expect(await run('provoked/STORAGE_BUSY')).toBeNull();
    await expect(run('provoked/STORAGE_DISK_FULL')).rejects.toThrow();
    await expect(run('provoked/STORAGE_UNAUTHORIZED')).rejects.toThrow('Secret 0');
    expect(cleaned).toEqual(['STORAGE_BUSY', 'STORAGE_BUSY', 'STORAGE_UNAUTHORIZED']);
  });

  it('closes and removes the stores of a test, even if the test failed', async () => {
    const state = createMemoryState();
    const made: MemoryBackend[] = [];
    let cleaned = 0;
    const create = () => {
      const backend = new MemoryBackend({ state });
      made.push(backend);
      return {
        backend,
        cleanup: () => {
          cleaned += 1;
        },
      };
    };
    await runConformance(
      { name: 'memory', create },
      ({ id }) => id === 'catalog/empty-store' || id === 'pages/columns',
    );
    // The stores are not fresh, so the second test may fail; all must be closed anyway.
    expect(made.map(({ isOpen }) => isOpen)).toEqual(made.map(() => false));
    expect(cleaned).toBe(made.length);
    expect(made.length).toBeGreaterThanOrEqual(2);
  });

  it('starts what the stores share once, gives it to create, and ends it after the last test', async () => {
    const events: string[] = [];
    const shared = {
      setup: async () => {
        events.push('setup');
        return new Map<string, MemoryState>();
      },
      create: (server: Map<string, MemoryState>) => {
        const schema = `test_${events.length}`;
        events.push('create');
        const state = createMemoryState();
        server.set(schema, state);
        const connect = () => new MemoryBackend({ state });
        return {
          backend: connect(),
          reopen: connect,
          cleanup: () => {
            server.delete(schema);
          },
        };
      },
      teardown: (server: Map<string, MemoryState>) => {
        events.push(`teardown with ${server.size} schemas`);
      },
    };
    const wanted = ({ id }: { readonly id: string }) =>
      id === 'catalog/empty-store' || id === 'persistence/everything';
    const results = await runConformance({ name: 'shared', ...shared }, wanted);
    expect(results.map(({ outcome }) => outcome.state)).toEqual(['passed', 'passed']);
    expect(events).toEqual(['setup', 'create', 'create', 'teardown with 0 schemas']);

    events.length = 0;
    const { runner, run, end } = collecting();
    defineBackendConformance({ name: 'shared', ...shared, runner });
    await end();
    expect(events, 'nothing is started for tests that do not run').toEqual([]);
    expect(await run('catalog/empty-store')).toBeNull();
    await end();
    expect(events).toEqual(['setup', 'create', 'teardown with 0 schemas']);
  });

  it('fails every test with the error of a failed setup, and does not repeat it', async () => {
    let attempts = 0;
    const results = await runConformance(
      {
        name: 'shared',
        setup: (): string => {
          attempts += 1;
          throw new Error('The server did not start.');
        },
        create: () => new MemoryBackend(),
        teardown: () => expect.unreachable(),
      },
      ({ id }) => id.startsWith('migrator/'),
    );
    expect(attempts).toBe(1);
    for (const { outcome } of results) {
      expect(outcome).toMatchObject({ state: 'failed', error: { message: 'The server did not start.' } });
    }
  });
});

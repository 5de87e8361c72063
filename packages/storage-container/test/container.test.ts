import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import {
  backendModule,
  createContainer,
  SwitchyardContainer,
  switchyardModule,
  tokens,
} from '@switchyard/storage-container';
import { DocumentStore, isStorageError } from '@switchyard/storage-core';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import { Container } from 'inversify';
import { describe, expect, it } from 'vitest';
import { LifecycleBackend, lifecycleDefinition } from './support.js';

function two(log: string[] = []) {
  return [
    backendModule(lifecycleDefinition('files', '', log)),
    backendModule(lifecycleDefinition('server', 'srv://', log)),
  ];
}

describe('resolving a backend', () => {
  it('creates the backend that matches the scheme, without opening it', () => {
    const log: string[] = [];
    const container = createContainer({ modules: two(log), env: {} });
    const backend = container.createBackend('docs.db?failClose=true', { mustExist: true });
    expect(backend).toBeInstanceOf(LifecycleBackend);
    expect(backend.name).toBe('files');
    expect((backend as LifecycleBackend).connection.options).toEqual({ failClose: true });
    expect((backend as LifecycleBackend).created).toEqual({ mustExist: true });
    expect(log).toEqual([]);
  });

  it('lists the definitions in the order of their modules', () => {
    const [files, server] = two();
    if (files === undefined || server === undefined) throw new Error('two modules');
    const names = (modules: (typeof files)[]) =>
      createContainer({ modules }).definitions.map(({ name }) => name);
    expect(names([files, server])).toEqual(['files', 'server']);
    expect(names([files])).toEqual(['files']);
    expect(() => createContainer({ modules: [files] }).parse('srv://host')).toThrow(/Unknown scheme 'srv:'/);
  });

  it('passes no token to a backend whose scheme names no variable', () => {
    const container = createContainer({
      modules: [backendModule(lifecycleDefinition('other', 'https://other.'))],
      env: { LIBSQL_AUTH_TOKEN: 'of another service', TURSO_AUTH_TOKEN: 'of a third' },
    });
    expect(container.parse('https://other.example').authToken).toBeNull();
  });

  it('reads the token from the given environment, and from process.env without one', () => {
    const tokenVariables = ['LIBSQL_AUTH_TOKEN', 'TURSO_AUTH_TOKEN'];
    const plain = lifecycleDefinition('server', 'https://');
    const definition = { ...plain, schemes: plain.schemes.map((scheme) => ({ ...scheme, tokenVariables })) };
    const container = createContainer({
      modules: [backendModule(definition)],
      env: { LIBSQL_AUTH_TOKEN: 'hush' },
    });
    expect(container.parse('https://host').authToken?.reveal()).toBe('hush');
    const before = process.env.TURSO_AUTH_TOKEN;
    process.env.TURSO_AUTH_TOKEN = 'ambient';
    try {
      const ambient = createContainer({ modules: [backendModule(definition)] });
      expect(ambient.parse('https://host').authToken?.reveal()).toBe('ambient');
    } finally {
      if (before === undefined) delete process.env.TURSO_AUTH_TOKEN;
      else process.env.TURSO_AUTH_TOKEN = before;
    }
  });

  it('rejects every string with a typed error if there are no backends', () => {
    const container = createContainer({ modules: [] });
    expect(() => container.parse('docs.db')).toThrow(
      expect.objectContaining({ code: 'STORAGE_CONNECTION_STRING' }),
    );
  });

  it('rejects two backends with the same name', () => {
    const modules = [
      backendModule(lifecycleDefinition('libsql', 'file:')),
      backendModule(lifecycleDefinition('libsql', 'other:')),
    ];
    expect(() => createContainer({ modules })).toThrow(
      new TypeError("Two backends are named 'libsql': load only one of their modules, once."),
    );
  });

  it('rejects the same module loaded twice', () => {
    const module = backendModule(lifecycleDefinition('files', ''));
    expect(() => createContainer({ modules: [module, module] })).toThrow(/Two backends are named 'files'/);
  });

  it.each([
    ['file:', 'FILE:', "The backends 'a' and 'b' both claim 'FILE:'"],
    ['', '', "The backends 'a' and 'b' both claim plain paths"],
  ])('rejects two backends that claim %j and %j', (first, second, message) => {
    const modules = [
      backendModule(lifecycleDefinition('a', first)),
      backendModule(lifecycleDefinition('b', second)),
    ];
    expect(() => createContainer({ modules })).toThrow(message);
  });
});

it.each<[unknown, string]>([
  [null, 'definitions[0] must be an object'],
  [{}, 'definitions[0].name must be a string'],
  [{ name: 'a' }, "definitions[0].schemes of 'a' must be an array"],
  [{ name: 'a', schemes: [] }, "definitions[0].options of 'a' must be an array"],
  [{ name: 'a', schemes: [], options: [] }, "definitions[0].create of 'a' must be a function"],
  [
    { name: 'a', schemes: [{ prefix: 'a:' }], options: [], create: () => undefined },
    "definitions[0].schemes[0].location of 'a' must be one of",
  ],
  [
    { name: 'a', schemes: [], options: [{ name: 'cache', type: 'number' }], create: () => undefined },
    "definitions[0].options[0].type of 'a' must be one of",
  ],
  [
    { name: 'a', schemes: [{ prefix: 'a.', location: 'server' }], options: [], create: () => undefined },
    "definitions[0].schemes[0].protocols of 'a' is missing",
  ],
  [
    {
      name: 'a',
      schemes: [{ prefix: 'a:', location: 'server', protocols: ['https'] }],
      options: [],
      create: () => undefined,
    },
    "definitions[0].schemes[0].protocols of 'a' must be a list of protocols",
  ],
  [
    {
      name: 'a',
      schemes: [{ prefix: 'a:', location: 'path', options: [{ name: 'b', type: 'token' }] }],
      options: [{ name: 'c', type: 'token' }],
      create: () => undefined,
    },
    "'a' has two options of type token",
  ],
  [
    {
      name: 'a',
      schemes: [{ prefix: 'a:', location: 'path', options: [{ name: 'b', type: 'string' }] }],
      options: [{ name: 'b', type: 'string' }],
      create: () => undefined,
    },
    "'a' has two options 'b'",
  ],
])('refuses a half-filled definition and names the field: %j', (definition, message) => {
  expect(() => new SwitchyardContainer([definition as never])).toThrow(TypeError);
  expect(() => new SwitchyardContainer([definition as never])).toThrow(message);
});

it('refuses a backend of another contract version before it is opened', async () => {
  const log: string[] = [];
  const plain = lifecycleDefinition('future', '', log);
  const create: BackendDefinition['create'] = (...args) =>
    Object.assign(plain.create(...args), { contractVersion: 2 as never });
  const container = createContainer({ modules: [backendModule({ ...plain, create })] });
  const refusal = { code: 'STORAGE_CONTRACT_MISMATCH', backend: 'future' };
  expect(() => container.createBackend('a')).toThrow(expect.objectContaining(refusal));
  await expect(container.openBackend('a')).rejects.toMatchObject(refusal);
  expect(log).toEqual([]);
  await container.close();
});

describe('the lifecycle of opened backends', () => {
  it('closes them one by one in reverse order', async () => {
    const log: string[] = [];
    const container = createContainer({ modules: two(log) });
    const a = (await container.openBackend('a')) as LifecycleBackend;
    await container.openBackend('b');
    await container.openBackend('c');
    expect(a.isOpen).toBe(true);
    await container.close();
    expect(a.isOpen).toBe(false);
    expect(log).toEqual(['open a', 'open b', 'open c', 'close c', 'close b', 'close a']);
  });

  it('leaves nothing to close after a failed opening, which can be retried', async () => {
    const log: string[] = [];
    const container = createContainer({ modules: two(log) });
    await expect(container.openBackend('a?failOpen=true')).rejects.toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    const again = (await container.openBackend('a?failOpen=true')) as LifecycleBackend;
    expect(again.isOpen).toBe(true);
    await container.close();
    expect(log).toEqual(['open a', 'open a', 'close a']);
  });

  it('closes all even if some fail, and reports every failure', async () => {
    const log: string[] = [];
    const container = createContainer({ modules: two(log) });
    for (const name of ['a?failClose=true', 'b', 'c?failClose=true']) await container.openBackend(name);
    const failure: unknown = await container.close().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors.map(String)).toEqual([
      'Error: c is stuck',
      'Error: a is stuck',
    ]);
    expect((failure as AggregateError).message).toContain('c is stuck; a is stuck');
    expect(log.slice(3)).toEqual(['close c', 'close b', 'close a']);
  });

  it('closes only once, even when closed concurrently', async () => {
    const log: string[] = [];
    const container = createContainer({ modules: two(log) });
    await container.openBackend('a');
    await Promise.all([container.close(), container.close()]);
    await container.close();
    expect(log).toEqual(['open a', 'close a']);
  });

  it('waits for a pending opening and closes it too', async () => {
    const log: string[] = [];
    const container = createContainer({ modules: two(log) });
    const opening = container.openBackend('a');
    const failing = container.openBackend('b?failOpen=true').catch((error: unknown) => error);
    await container.close();
    expect(log.at(-1)).toBe('close a');
    expect(((await opening) as LifecycleBackend).isOpen).toBe(false);
    expect(isStorageError(await failing, 'STORAGE_UNREACHABLE')).toBe(true);
  });

  it('opens nothing once closed', async () => {
    const container = createContainer({ modules: two() });
    await container.close();
    await expect(container.openBackend('a')).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  it('rejects an aborted opening', async () => {
    const log: string[] = [];
    const container = createContainer({ modules: two(log) });
    const opening = container.openBackend('a', { signal: AbortSignal.abort() });
    await expect(opening).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    expect(log).toEqual([]);
  });

  it('is an async disposable', async () => {
    const log: string[] = [];
    const container = createContainer({ modules: two(log) });
    await container.openBackend('a');
    await container[Symbol.asyncDispose]();
    expect(log).toEqual(['open a', 'close a']);
  });
});

describe('a document store', () => {
  it('works on a backend resolved and closed by the container', async () => {
    const memory: BackendDefinition = {
      name: 'memory',
      schemes: [{ prefix: ':memory:', location: 'memory', example: ':memory:', description: 'in memory' }],
      options: [],
      create: () => new MemoryBackend(),
    };
    const container = createContainer({ modules: [...two(), backendModule(memory)], env: {} });
    const backend = await container.openBackend(':memory:');
    const documents = await DocumentStore.open({ backend });
    const chunks = [{ content: 'Call listen.', metadata: { types: ['text'], level: 1, path: ['Start'] } }];
    await documents.addPage('guide', '1.0.0', { url: 'start', chunks });
    expect(await documents.search('guide', '1.0.0', 'listen')).toMatchObject([{ url: 'start', ftsRank: 1 }]);
    await container.close();
    await expect(documents.libraries()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });
});

describe("the application's own container", () => {
  it('gets a single Switchyard container by loading modules', async () => {
    const log: string[] = [];
    const application = new Container();
    application.load(...two(log), switchyardModule({ env: {} }));
    const switchyard = application.get(tokens.switchyard);
    expect(switchyard).toBeInstanceOf(SwitchyardContainer);
    expect(application.get(tokens.switchyard)).toBe(switchyard);
    await switchyard.openBackend('a');
    await switchyard.openBackend('b');
    await application.unbindAllAsync();
    expect(log).toEqual(['open a', 'open b', 'close b', 'close a']);
  });

  it('shares its backends with a child without being changed', () => {
    const application = new Container();
    application.load(backendModule(lifecycleDefinition('files', '')));
    const child = createContainer({
      modules: [backendModule(lifecycleDefinition('server', 'srv://'))],
      parent: application,
    });
    expect(child.definitions.map(({ name }) => name).sort()).toEqual(['files', 'server']);
    expect(application.getAll(tokens.backendDefinition)).toHaveLength(1);
    expect(application.isBound(tokens.switchyard)).toBe(false);
  });

  it('detects a conflict between the application and a child', () => {
    const application = new Container();
    application.load(backendModule(lifecycleDefinition('files', '')));
    const modules = [backendModule(lifecycleDefinition('others', ''))];
    expect(() => createContainer({ modules, parent: application })).toThrow(/both claim plain paths/);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportedNames } from './declarations.js';

/** An `@example` of a doc comment. */
export interface Example {
  /** File and line, for messages. */
  readonly place: string;
  readonly code: string;
}

const comment = /\/\*\*(?:[^*]|\*(?!\/))*\*\//g;

/** Packages that say they are internal: their comments are for the people who work on them. */
const internal = ['sqlite-common', 'vector-kernel'];

/** All examples in the doc comments of the public packages' sources. */
export function findExamples(root: string): Example[] {
  const packages = readdirSync(join(root, 'packages')).filter((name) => !internal.includes(name));
  return packages.flatMap((name) => {
    const folder = join(root, 'packages', name, 'src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    return files
      .sort()
      .flatMap((file) =>
        examplesIn(join('packages', name, 'src', file), readFileSync(join(folder, file), 'utf8')),
      );
  });
}

function examplesIn(path: string, source: string): Example[] {
  return [...source.matchAll(comment)].flatMap((match) => {
    const text = match[0]
      .replace(/^\/\*\*/, '')
      .replace(/\*\/$/, '')
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''))
      .join('\n');
    const line = source.slice(0, match.index).split('\n').length;
    return text
      .split(/^@example\b.*$/m)
      .slice(1)
      .map((part) => {
        const code = /^```ts\n([\s\S]*?)^```$/m.exec(part)?.[1];
        if (code === undefined) throw new Error(`${path}:${line}: an @example without a block of \`\`\`ts.`);
        return { place: `${path}:${line}`, code };
      });
  });
}

/** Names that examples use without declaring them: see `example-setup.ts`. */
const setup = ['store', 'backend', 'source', 'target', 'embedder', 'page', 'versionId', 'chunkId'];

/** Entries whose names examples use without importing them; the first that exports a name has it. */
const entries: readonly (readonly [specifier: string, declarations: string])[] = [
  ['@switchyard/storage-core', 'storage-core/dist/index.d.ts'],
  ['@switchyard/storage-core/backend', 'storage-core/dist/backend.d.ts'],
  ['@switchyard/fts-text', 'fts-text/dist/index.d.ts'],
  ['@switchyard/storage-container', 'storage-container/dist/index.d.ts'],
  ['@switchyard/embedders', 'embedders/dist/index.d.ts'],
  ['@switchyard/embedders/langchain', 'embedders/dist/langchain/index.d.ts'],
  ['@switchyard/langchain', 'langchain/dist/index.d.ts'],
  ['@switchyard/docs-loader', 'docs-loader/dist/index.d.ts'],
  ['@switchyard/version-match', 'version-match/dist/index.d.ts'],
  ['@switchyard/search-evaluation', 'search-evaluation/dist/index.d.ts'],
  ['@switchyard/storage-rollout', 'storage-rollout/dist/index.d.ts'],
  ['@switchyard/storage-conformance', 'storage-conformance/dist/index.d.ts'],
  ['@switchyard/storage-conformance/suite', 'storage-conformance/dist/suite.d.ts'],
  ['@switchyard/storage-conformance/memory', 'storage-conformance/dist/memory/index.d.ts'],
  ['@switchyard/create-backend', 'create-backend/dist/index.d.ts'],
  ['@switchyard/switchyard', 'switchyard/dist/open-store.d.ts'],
  ['@switchyard/backend-libsql', 'backend-libsql/dist/index.d.ts'],
  ['@switchyard/backend-libsql/module', 'backend-libsql/dist/module.d.ts'],
];

/** Turns an example into a module whose default export runs it. */
export function exampleModule(root: string): (example: Example) => string {
  const homes = new Map<string, string>();
  for (const [specifier, declarations] of entries) {
    for (const { name } of exportedNames(join(root, 'packages', declarations))) {
      if (!homes.has(name)) homes.set(name, specifier);
    }
  }
  return ({ code }) => {
    const bare = code.replaceAll(/\/\/.*$|'(?:[^'\\\n]|\\.)*'/gm, '');
    const declares = (name: string) =>
      new RegExp(`\\b(?:const|let) (?:${name}\\b|[{[][^=]*\\b${name}\\b[^=]*[}\\]] =)`).test(bare);
    const used = [...new Set(bare.match(/(?<![.\w])[A-Za-z_]\w*/g) ?? [])].filter((name) => !declares(name));
    const imports = used.flatMap((name) => {
      const home = homes.get(name);
      return home === undefined ? [] : [`import { ${name} } from '${home}';`];
    });
    const given = setup.filter((name) => used.includes(name));
    return [
      "import { setUpExample } from '../support/example-setup.js';",
      ...imports,
      'export default async function example(): Promise<void> {',
      ...(given.length === 0 ? [] : [`const { ${given.join(', ')} } = await setUpExample();`]),
      '{',
      code,
      '}',
      '}',
      'export const uses = setUpExample;',
    ].join('\n');
  };
}

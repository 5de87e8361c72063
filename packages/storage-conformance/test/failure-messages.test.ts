import { type Fault, faults } from '@switchyard/storage-conformance/faults';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { type ConformanceOptions, runConformance } from '@switchyard/storage-conformance/suite';
import type { FtsHit } from '@switchyard/storage-core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

// Any counterexample will do: the search for the smallest one takes longer than all the rest.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });

/** Message of the failure of one contract test. */
async function messageOf(create: ConformanceOptions['create'], id: string): Promise<string> {
  const [result] = await runConformance({ name: 'broken', create, runs: 60 }, (test) => test.id === id);
  if (result?.outcome.state !== 'failed') throw new Error(`${id} did not fail.`);
  return (result.outcome.error as Error).message;
}

function faulty(name: string): Fault {
  const found = faults.find((fault) => fault.name === name);
  if (found === undefined) throw new Error(`There is no fault '${name}'.`);
  return found;
}

/** A reference backend whose full-text hits are changed. */
function withHits(change: (hits: readonly FtsHit[]) => readonly FtsHit[]): MemoryBackend {
  const backend = new MemoryBackend();
  const match = backend.fts.match.bind(backend.fts);
  backend.fts.match = async (query, options) => change(await match(query, options));
  return backend;
}

describe('the message of a failed contract test', () => {
  it('begins with the first difference and its place', async () => {
    const { create } = faulty('forgets-when-closed');
    const message = await messageOf(create, 'persistence/everything');
    expect(message).toMatch(/^First difference at \.profile: expected \{ model: .* \}, got null\n/);
  });

  it('ends with the last calls, the query among them, on a line each', async () => {
    const { create } = faulty('misses-a-store-created-later');
    const message = await messageOf(create, 'reading/created-by-another');
    const [, calls = ''] = message.split('Last calls:\n');
    expect(calls.split('\n')).toHaveLength(4);
    expect(calls).toMatch(
      /\n {2}apply\(\[ \{ kind: 'replacePage',.*\n {2}catalog\.pages\(\{ library: 'fastify'/,
    );
  });

  it('says of a score what was expected, within which bound', async () => {
    const create = () => withHits((hits) => hits.map((hit) => ({ ...hit, score: hit.score * 1.5 })));
    const message = await messageOf(create, 'fts-scores/golden');
    expect(message).toMatch(/^route: expected 0\.70981814\d+ ± 1e-9, got 1\.0647272\d+\./);
    expect(message).toContain(
      "fts.match({ version: { library: 'fastify', version: '5.6.0' }, terms: [ 'route' ]",
    );
  });

  it('names the read that differed before the story of the model test', async () => {
    const create = () => withHits((hits) => hits.map((hit) => ({ ...hit, score: hit.score + 1 })));
    const message = await messageOf(create, 'model/random-stories');
    expect(message.indexOf('Counterexample')).toBeGreaterThan(0);
    expect(message).toMatch(/matches of .*place 1: chunk \d+: expected .* ± .*, got /);
    expect(message.indexOf('matches of')).toBeLessThan(message.indexOf('Counterexample'));
    expect(message).toMatch(/Last calls:\n(?:.*\n)*.*fts\.match\(/);
  });

  it.each([
    ['catalog.pages', 'pages'],
    ['catalog.relatives', 'relatives'],
    ['catalog.versionsByStatus', 'versionsByStatus'],
    ['catalog.overview', 'overview'],
  ] as const)('begins, in the model test, with the read that differed: %s', async (read, method) => {
    const create = () => {
      const backend = new MemoryBackend();
      const call = backend.catalog[method].bind(backend.catalog) as (
        ...args: unknown[]
      ) => Promise<unknown[]>;
      const shortened = async (...args: unknown[]) => (await call(...args)).slice(1);
      Object.assign(backend.catalog, { [method]: shortened });
      return backend;
    };
    const message = await messageOf(create, 'model/random-stories');
    expect(message.split('\n')[0]).toMatch(
      new RegExp(
        `^First difference at \\.${read.replace('.', '\\.')}(\\[0\\]|\\.length).*: expected .*, got `,
      ),
    );
    expect(message.indexOf('Counterexample')).toBeGreaterThan(0);
    expect(message).toContain(`  ${read}(`);
  });

  it('escapes what cannot be seen', async () => {
    const create = () => {
      const backend = new MemoryBackend();
      const { chunksByUrl } = backend.catalog;
      backend.catalog.chunksByUrl = async (version, url, options) =>
        (await chunksByUrl.call(backend.catalog, version, url, options)).map((chunk) => ({
          ...chunk,
          content: `${chunk.content}\u200b`,
        }));
      return backend;
    };
    const message = await messageOf(create, 'pages/chunks-in-order');
    expect(message).toContain('\\u{200b}');
    expect(message).not.toContain('\u200b');
  });
});

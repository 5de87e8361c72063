import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type ConversionTarget, convertLegacyStore } from '@switchyard/legacy-conversion';
import { afterEach, describe, expect, it } from 'vitest';
import { isAlive, until } from '../../../tests/support/processes.js';
import { startChild } from '../../backend-libsql/test/support/child.js';
import { haveFixtures, withoutFixtures } from '../../backend-libsql/test/support/fixtures.js';
import { tempFile } from '../../backend-libsql/test/support/temp.js';
import { bytesOf, unpackStore } from './support/legacy.js';

/** A conversion that waits in the middle of its work. */
interface Running {
  readonly program: ChildProcess;
  /** The process that converts and holds the lock. */
  readonly worker: number;
}

async function startConversion(source: string, target: string, pause: string): Promise<Running> {
  const program = startChild(join(import.meta.dirname, 'support/convert.mjs'), [source, target, pause]);
  for await (const line of createInterface({ input: program.stdout as Readable })) if (line === pause) break;
  const folder = `${target === 'in-place' ? source : target}.switchyard-convert`;
  const { pid } = JSON.parse(readFileSync(`${folder}/lock-owner.json`, 'utf8')) as { pid: number };
  workers.push(pid);
  return { program, worker: pid };
}

const workers: number[] = [];
afterEach(() => {
  for (const worker of workers.splice(0)) if (isAlive(worker)) process.kill(worker, 'SIGKILL');
});

/** Kills the program; its worker is stopped before, so that it lives on until it is continued. */
async function orphan({ program, worker }: Running): Promise<void> {
  process.kill(worker, 'SIGSTOP');
  const ended = once(program, 'exit');
  program.kill('SIGKILL');
  await ended;
}

describe.skipIf(!haveFixtures || process.platform === 'win32')(
  `a conversion whose program was killed${withoutFixtures}`,
  () => {
    it.each(['remaining-vectors', 'verify', 'publish'])(
      'is waited for by the next one to the same file, and makes nothing (%s)',
      async (pause) => {
        const source = unpackStore('level-14-no-embeddings');
        const target = tempFile('converted.db');
        const earlier = await startConversion(source, target, pause);
        await orphan(earlier);
        const steps = new Set<string>();
        const result = await convertLegacyStore({
          source,
          target: { type: 'file', path: target },
          onProgress: ({ step }) => {
            steps.add(step);
            if (step !== 'wait') return;
            expect(existsSync(target)).toBe(false);
            process.kill(earlier.worker, 'SIGCONT');
          },
        });
        expect([...steps][0]).toBe('wait');
        expect(result).toMatchObject({ alreadyConverted: false, resumed: true });
        expect(isAlive(earlier.worker)).toBe(false);
      },
    );

    it('is waited for in place, and replaces nothing', async () => {
      const source = unpackStore('level-14-no-embeddings');
      const before = bytesOf(source);
      const earlier = await startConversion(source, 'in-place', 'publish');
      await orphan(earlier);
      const result = await convertLegacyStore({
        source,
        target: { type: 'in-place' },
        onProgress: ({ step }) => {
          if (step !== 'wait') return;
          expect(bytesOf(source)).toEqual(before);
          process.kill(earlier.worker, 'SIGCONT');
        },
      });
      expect(result).toMatchObject({ alreadyConverted: false, resumed: true });
    });

    it('never gives the store its name when it goes on', async () => {
      const source = unpackStore('level-14-no-embeddings');
      const target = tempFile('converted.db');
      const earlier = await startConversion(source, target, 'publish');
      await orphan(earlier);
      process.kill(earlier.worker, 'SIGCONT');
      await until(() => !isAlive(earlier.worker));
      expect(existsSync(target)).toBe(false);
    });

    it('is not waited for after an abort', async () => {
      const source = unpackStore('level-14-no-embeddings');
      const target: ConversionTarget = { type: 'file', path: tempFile('converted.db') };
      const earlier = await startConversion(source, target.path, 'verify');
      await orphan(earlier);
      const stop = new AbortController();
      const onProgress = () => stop.abort();
      const call = convertLegacyStore({ source, target, signal: stop.signal, onProgress });
      await expect(call).rejects.toMatchObject({ code: 'STORAGE_ABORTED' });
    });
  },
);

describe.skipIf(!haveFixtures)(`a conversion that is running${withoutFixtures}`, () => {
  it('keeps others out at once, and goes on', async () => {
    const source = unpackStore('level-14-no-embeddings');
    const target: ConversionTarget = { type: 'file', path: tempFile('converted.db') };
    const running = await startConversion(source, target.path, 'verify');
    const steps: string[] = [];
    const call = convertLegacyStore({ source, target, onProgress: ({ step }) => steps.push(step) });
    await expect(call).rejects.toMatchObject({
      code: 'STORAGE_BUSY',
      outcome: 'not-applied',
      message: expect.stringContaining(`started by process ${running.program.pid}`),
    });
    expect(steps).toEqual([]);
    expect(isAlive(running.worker)).toBe(true);
    expect(statSync(`${target.path}.switchyard-convert`).isDirectory()).toBe(true);
    running.program.kill('SIGKILL');
    await once(running.program, 'exit');
  });
});

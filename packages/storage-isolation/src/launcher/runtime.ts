import { StorageError } from '@switchyard/storage-core';

/**
 * Refuses to start a child process where it could not talk to this one. In Bun, `new Socket({ fd })` does not read from an
 * inherited pipe: the child would end at once, which reads like a crash of the driver, and in an audit like damage.
 *
 * @throws StorageError `STORAGE_NOT_SUPPORTED` in Bun.
 */
export function requireChildProcesses(
  backend: string,
  versions: Readonly<Record<string, string | undefined>> = process.versions,
): void {
  if (versions.bun === undefined) return;
  throw new StorageError(
    'STORAGE_NOT_SUPPORTED',
    `The ${backend} backend cannot run in a child process under Bun ${versions.bun}.`,
    {
      backend,
      outcome: 'not-applied',
      advice:
        'Use Node.js or Deno. For searches and writes, the option isolation=inline runs the driver in this process.',
    },
  );
}

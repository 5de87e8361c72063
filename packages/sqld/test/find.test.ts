import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findSqld, sqldHint } from '@switchyard/sqld';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-find-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

test('an explicit binary takes precedence over the environment, and the environment over the package', async () => {
  const [named, fromEnvironment] = [join(folder, 'named'), join(folder, 'environment')];
  for (const file of [named, fromEnvironment]) await writeFile(file, '', { mode: 0o755 });
  vi.stubEnv('SWITCHYARD_SQLD_PATH', fromEnvironment);
  expect(findSqld(named)).toBe(named);
  expect(findSqld()).toBe(fromEnvironment);
});

test('an explicit path without a binary is an error; no other binary is used instead', async () => {
  const notExecutable = join(folder, 'text');
  await writeFile(notExecutable, '', { mode: 0o644 });
  expect(() => findSqld(notExecutable)).toThrow(/no executable sqld/);
  vi.stubEnv('SWITCHYARD_SQLD_PATH', join(folder, 'absent'));
  expect(() => findSqld()).toThrow(/no executable sqld/);
});

test('the hint names SWITCHYARD_SQLD_PATH', () => {
  expect(sqldHint()).toContain('SWITCHYARD_SQLD_PATH');
});

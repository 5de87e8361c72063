import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module';
import { createContainer } from '@switchyard/storage-container';
import { expect, onTestFinished, test } from 'vitest';
import { tempFile } from './support/temp.js';

test('a container that loads the module opens legacy stores by connection string', async () => {
  const container = createContainer({ modules: [sqliteVecModule] });
  onTestFinished(() => container.close());
  const backend = await container.openBackend(`sqlite-vec:${tempFile()}`);
  expect(backend.name).toBe('sqlite-vec');
  expect(await backend.catalog.libraries()).toEqual([]);
});

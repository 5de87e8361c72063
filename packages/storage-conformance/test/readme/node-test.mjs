import { after, describe, test } from 'node:test';
import { MemoryBackend } from '@switchyard/storage-conformance/memory';
import { registerConformance } from '@switchyard/storage-conformance/suite';

registerConformance(
  {
    describe: (title, body) => void describe(title, body),
    test: (title, body, timeout) => void test(title, { timeout }, (t) => body((reason) => t.skip(reason))),
    afterAll: (body, timeout) => void after(body, { timeout }),
  },
  { name: 'memory', create: () => new MemoryBackend(), runs: 5 },
);

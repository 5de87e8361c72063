import { defineConfig } from 'vitest/config';

// Of its own, because vitest would otherwise take that of a folder above.
export default defineConfig({
  test: { include: ['test/**/*.test.ts'] },
});

import { requireCapability } from '@switchyard/storage-core';
import type { Command } from 'commander';
import { type CommandContext, openBackend } from '../command-context.js';
import { bytesPerChunk } from '../output/bytes-per-chunk.js';
import { formatBytes } from '../output/plain-text.js';

/** `switchyard optimize STORE` */
export function addOptimizeCommand(program: Command, context: CommandContext): void {
  program
    .command('optimize')
    .summary('bring a store into its best form after much was written')
    .description(
      'Makes searches faster and the store smaller after much was written. Changes no answer; writers wait meanwhile.',
    )
    .argument('<store>', 'connection string of an existing store')
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard optimize file:docs.db\n  $ switchyard optimize docs.db --json',
    )
    .action(async (store: string) => {
      const { output, signal } = context;
      const backend = await openBackend(context, store, { mustExist: true });
      requireCapability(backend.name, backend.capabilities, 'optimize');
      const before = bytesPerChunk(await backend.inspect({ signal }));
      await backend.optimize?.({ signal });
      const after = bytesPerChunk(await backend.inspect({ signal }));
      await output.result({ bytesPerChunk: { before, after } }, () =>
        after === null || before === null
          ? 'The store is in its best form.'
          : `The store is in its best form: ${formatBytes(after)} a chunk, ${formatBytes(before)} before.`,
      );
    });
}

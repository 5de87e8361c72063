import { type ReclaimReport, type StorageBackend, StorageError } from '@switchyard/storage-core';
import { requireCapability } from '@switchyard/storage-core/backend';
import type { Command } from 'commander';
import { type CommandContext, openBackend } from '../command-context.js';
import { bytesPerChunk } from '../output/bytes-per-chunk.js';
import { formatBytes } from '../output/plain-text.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

/** `switchyard optimize STORE` */
export function addOptimizeCommand(program: Command, context: CommandContext): void {
  program
    .command('optimize')
    .summary('merge full-text segments and checkpoint the WAL')
    .description(
      'Merges full-text segments, compacts vector codes and checkpoints the WAL: searches become faster and the store smaller. Results do not change. Ctrl-C stops it cleanly (exit code 130); run it again to resume.',
    )
    .argument('[store]', storeHelp())
    .option(
      '--reclaim',
      'also free the disk space of removed rows; needs as much free space as the store takes',
    )
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard optimize file:docs.db\n  $ switchyard optimize docs.db --json\n  $ switchyard optimize docs.db --reclaim',
    )
    .action(async (store: string | undefined, options: { readonly reclaim?: boolean }) =>
      run(context, await chooseStore(context, store), options.reclaim === true),
    );
}

async function run(context: CommandContext, store: string, wantsReclaim: boolean): Promise<void> {
  const { output, signal, switchyard } = context;
  const backend = await openBackend(context, store, { mustExist: true });
  const { optimize } = backend.capabilities;
  if (!wantsReclaim) requireCapability(backend.name, backend.capabilities, 'optimize');
  output.note(`Optimizing ${switchyard.parse(store).redacted}.`);
  const before = bytesPerChunk(await backend.inspect({ signal }));
  if (optimize) await backend.optimize?.({ signal });
  const reclaimed = wantsReclaim
    ? await reclaim(context, backend, switchyard.parse(store).redacted)
    : undefined;
  const after = bytesPerChunk(await backend.inspect({ signal }));
  await output.result({ bytesPerChunk: { before, after }, reclaimed }, () => {
    const optimized =
      after === null || before === null
        ? 'The store is optimized.'
        : `The store is optimized: ${formatBytes(after)} per chunk, ${formatBytes(before)} before.`;
    return reclaimed === undefined ? optimized : `${optimized}\n${formatReclaimed(reclaimed)}`;
  });
}

async function reclaim(
  { output, signal }: CommandContext,
  backend: StorageBackend,
  store: string,
): Promise<ReclaimReport> {
  if (backend.maintenance === undefined)
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `The ${backend.name} backend cannot reclaim disk space.`,
      {
        backend: backend.name,
        outcome: 'not-applied',
      },
    );
  const progress = output.progress(`Reclaiming space of ${store}`, 'steps');
  try {
    return await backend.maintenance.reclaim({
      signal,
      onProgress: ({ done, total }) => progress.update(done, total),
    });
  } finally {
    progress.stop();
  }
}

function formatReclaimed({ bytesBefore, bytesAfter, limitation }: ReclaimReport): string {
  if (bytesBefore === null || bytesAfter === null) return limitation ?? 'No space was reclaimed.';
  const freed = Math.max(0, bytesBefore - bytesAfter);
  return `${formatBytes(freed)} reclaimed: ${formatBytes(bytesAfter)} on disk, ${formatBytes(bytesBefore)} before.`;
}

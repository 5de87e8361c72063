import { type ReplicationReport, StorageError } from '@switchyard/storage-core';
import type { Command } from 'commander';
import { type CommandContext, openBackend } from '../command-context.js';
import { count } from '../output/plain-text.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

/** Result of `switchyard sync`. */
interface SyncResult {
  /** Connection string without secrets. */
  readonly store: string;
  readonly primary: string;
  /** Number of the last WAL frame of the server that the replica has; null for an empty server. */
  readonly frame: number | null;
  /** WAL frames that were fetched: the lag of the replica until now. */
  readonly framesFetched: number;
  readonly syncedAt: string | null;
  readonly secondsBehind: number | null;
}

/** `switchyard sync STORE` */
export function addSyncCommand(program: Command, context: CommandContext): void {
  program
    .command('sync')
    .summary('fetch what others wrote to the server of a replica')
    .description(
      'Brings a local replica up to date with its server and prints how far it was behind. Creates the replica if it ' +
        'does not exist.',
    )
    .argument('[store]', storeHelp('connection string of a replica, file:PATH?syncUrl=URL'))
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      "\nExamples:\n  $ switchyard sync 'file:replica.db?syncUrl=libsql://HOST'\n  $ switchyard sync 'file:replica.db?syncUrl=libsql://HOST' --json",
    )
    .action(async (given: string | undefined) => {
      const result = await sync(context, await chooseStore(context, given));
      await context.output.result(result, () => format(result));
    });
}

async function sync(context: CommandContext, store: string): Promise<SyncResult> {
  const { output, signal, switchyard } = context;
  const { location, redacted } = switchyard.parse(store);
  if (location.type !== 'replica') {
    throw new StorageError(
      'STORAGE_NOT_SUPPORTED',
      `${redacted} is not a replica, so there is nothing to sync.`,
      {
        advice: 'Pass a local file with the server it follows: file:PATH?syncUrl=libsql://HOST.',
      },
    );
  }
  const backend = await openBackend(context, store, {});
  // Opening a replica syncs it already, so the frames are counted from there.
  const opened = (await backend.inspect({ signal })).replication;
  const report: ReplicationReport | undefined = await backend.sync?.({ signal });
  if (report === undefined) {
    throw new StorageError('STORAGE_NOT_SUPPORTED', `The ${backend.name} backend cannot sync.`, {
      backend: backend.name,
    });
  }
  return {
    store: output.redact(redacted),
    primary: report.primary,
    frame: report.frame,
    framesFetched: (opened?.framesOfLastSync ?? 0) + report.framesOfLastSync,
    syncedAt: report.syncedAt,
    secondsBehind: report.secondsBehind,
  };
}

function format({ store, primary, frame, framesFetched, syncedAt }: SyncResult): string {
  const at = frame === null ? 'the server is empty' : `now at frame ${frame}`;
  const fetched = framesFetched === 0 ? 'It was up to date' : `${count(framesFetched, 'frame')} fetched`;
  return `${store} is in sync with ${primary}. ${fetched}, ${at} (${syncedAt ?? 'never'}).`;
}

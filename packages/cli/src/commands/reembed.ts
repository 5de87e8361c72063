import {
  type Embedder,
  isStorageError,
  type ReembedResult,
  reembed,
  StorageError,
} from '@switchyard/storage-core';
import { requireStaging } from '@switchyard/storage-core/backend';
import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { type CommandContext, openBackend } from '../command-context.js';
import { chooseForReembedding, closeEmbedder, embeddersWithVectors } from '../embedding/choose-embedder.js';
import { count } from '../output/plain-text.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

interface Options {
  readonly embedder?: string;
  readonly force?: boolean;
  readonly abort?: boolean;
}

/** `switchyard reembed STORE --embedder SPEC` */
export function addReembedCommand(program: Command, context: CommandContext): void {
  program
    .command('reembed')
    .summary('change the embedding model of a store while it is in use')
    .description(
      'Embeds every chunk again and stages the vectors, while searches use the current ones. When all are complete, they ' +
        'replace the current ones atomically. Ctrl-C stops it (exit code 130); run it again to resume. ' +
        'Afterwards, programs that have the store open must reopen it with the new model.',
    )
    .argument('[store]', storeHelp())
    .option('--embedder <spec>', `new embedder: ${embeddersWithVectors}`)
    .option('--force', 'run even if the store already has this model')
    .option('--abort', 'discard the vectors of an unfinished run; the store is otherwise unchanged')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action((store: string | undefined, options: Options) => run(context, store, options));
}

const help = `
Examples:
  $ switchyard reembed file:docs.db --embedder offline
  $ OPENAI_API_KEY=… switchyard reembed docs.db --embedder openai:text-embedding-3-small --json
  $ switchyard reembed docs.db --abort`;

async function run(context: CommandContext, given: string | undefined, options: Options): Promise<void> {
  const { embedder: spec, abort = false, force = false } = options;
  if (abort === (spec !== undefined)) {
    throw new CliError(
      'CLI_USAGE',
      abort ? '--abort and --embedder are mutually exclusive.' : 'Missing --embedder.',
      abort
        ? 'Use --abort alone to discard an unfinished run.'
        : `Pass --embedder with one of: ${embeddersWithVectors}. To discard an unfinished run, use --abort alone.`,
    );
  }
  const store = await chooseStore(context, given);
  if (spec === undefined) await abortReembedding(context, store);
  else await embedAnew(context, store, chooseForReembedding(spec, context.env), force);
}

async function abortReembedding(context: CommandContext, store: string): Promise<void> {
  const { output, signal } = context;
  const staging = requireStaging(await openBackend(context, store, { mustExist: true }));
  const status = await staging.status({ signal });
  const aborted = await staging.abort({ signal });
  await output.result({ aborted, discarded: status?.staged ?? 0 }, () =>
    aborted
      ? `Discarded the new vectors of ${count(status?.staged ?? 0, 'chunk')}; the store is otherwise unchanged.`
      : 'There was nothing to discard.',
  );
}

async function embedAnew(
  context: CommandContext,
  store: string,
  embedder: Embedder,
  force: boolean,
): Promise<void> {
  const { output, signal } = context;
  const progress = output.progress(`Embedding with ${embedder.model}`, 'chunks');
  try {
    const backend = await openBackend(context, store, { mustExist: true });
    const result = await reembed(backend, embedder, {
      signal,
      force,
      onProgress: ({ done, total }) => progress.update(done, total),
    }).catch((error: unknown) => {
      throw withWayOut(error);
    });
    progress.stop();
    await output.result(result, () => formatResult(result));
  } finally {
    progress.stop();
    await closeEmbedder(embedder);
  }
}

/** An unfinished run of another model is in the way; names the option that discards it. */
function withWayOut(error: unknown): unknown {
  if (!isStorageError(error, 'STORAGE_STAGING_CONFLICT')) return error;
  const { code, message, backend, details } = error;
  const hint = 'To discard its vectors, run with --abort.';
  return new StorageError(code, `${message} ${hint}`, { backend, details, cause: error });
}

function formatResult({ outcome, profile, vectors, embedded, resumed, givenUp }: ReembedResult): string {
  const model = `${profile.model} (${profile.dimension} dimensions)`;
  if (outcome === 'unchanged') {
    return `The store already has vectors of ${model}. To embed every chunk again, add --force.`;
  }
  const before = resumed === 0 ? '' : `, ${resumed} by earlier runs`;
  const lines = [
    `The store now has vectors of ${model}: ${count(vectors, 'chunk')}, ${embedded} embedded in this run${before}.`,
  ];
  if (givenUp > 0) {
    lines.push(`${count(givenUp, 'chunk')} too large for the model: found by full-text search only.`);
  }
  return lines.join('\n');
}

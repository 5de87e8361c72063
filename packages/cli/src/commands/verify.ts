import { type VerifyResult, verifyStores } from '@switchyard/storage-core';
import type { Command } from 'commander';
import { AlreadyReported } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';
import { count } from '../output/plain-text.js';
import { openSource } from '../stores/open-source.js';

interface Options {
  readonly deep?: boolean;
}

/** `switchyard verify A B` */
export function addVerifyCommand(program: Command, context: CommandContext): void {
  program
    .command('verify')
    .summary('compare two stores, of any backend')
    .description(
      'Compares ids, texts, metadata and vector bytes of every page, and the rankings of a sample of searches. ' +
        'Writes to neither. The exit code is 1 if they differ.',
    )
    .argument('<a>', 'connection string of an existing store')
    .argument('<b>', 'connection string of another existing store')
    .option('--deep', 'compare every column, run more searches, and audit the indexes')
    .option('--json', 'print the comparison as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard verify file:old.db file:new.db\n  $ switchyard verify a.db b.db --deep',
    )
    .action(async (a: string, b: string, { deep }: Options) => {
      const { output, signal } = context;
      const [one, other] = [await openSource(context, a), await openSource(context, b)];
      const progress = output.progress('Comparing', 'chunks');
      let result: VerifyResult;
      try {
        result = await verifyStores(one, other, {
          deep,
          signal,
          onProgress: ({ chunks, totalChunks }) => progress.update(chunks, totalChunks),
        });
      } finally {
        progress.stop();
        await Promise.all([one.close(), other.close()]);
      }
      await output.result(result, () => formatVerification(result));
      if (!result.equal) throw new AlreadyReported('The stores differ.');
    });
}

/** Names of the compared parts of answers. */
const ANSWERS: Readonly<Record<VerifyResult['searches']['compared'], string>> = {
  rankings: 'ranking',
  members: 'nearest chunks and matches (the stores rank full text differently)',
  vectors: 'nearest chunks (a store has no full text)',
};

/** Formats the result of a comparison. */
export function formatVerification(result: VerifyResult): string {
  const { equal, deep, versions, searches, differences, differenceCount, digests } = result;
  const disagreeing = disagreeingLines(result);
  const total = (what: 'pages' | 'chunks' | 'vectors') =>
    versions.reduce((sum, { a, b }) => sum + (a ?? b ?? { [what]: 0 })[what], 0);
  const extent = `${count(versions.length, 'version')}, ${count(total('pages'), 'page')}, ${count(total('chunks'), 'chunk')}, ${count(total('vectors'), 'vector')}`;
  const ranked = `${searches.same} of ${searches.made} ${searches.made === 1 ? 'search' : 'searches'} with the same ${ANSWERS[searches.compared]}`;
  if (equal) {
    return [
      `Equal${deep ? ' in every column' : ''}: ${extent}; ${ranked}.`,
      ...disagreeing,
      `Digest ${digests.a}`,
    ].join('\n');
  }
  const lines = differences.map(({ version, place, detail }) => {
    const where = [version, place === version ? '' : place].filter((part) => part !== '').join(', ');
    return `  ${where === '' ? '' : `${where}: `}${detail}`;
  });
  const more = differenceCount - differences.length;
  if (more > 0) lines.push(`  and ${more} more`);
  return [
    `Different: ${count(differenceCount, 'difference')} in ${extent}; ${ranked}.`,
    ...lines,
    ...disagreeing,
  ].join('\n');
}

function disagreeingLines({ disagreeing }: VerifyResult): string[] {
  const ofStore = (store: string, chunks: number) =>
    chunks === 0
      ? []
      : [
          `The vector index of the ${store} store disagrees with the vectors of ${count(chunks, 'chunk')}; the vectors were compared.`,
        ];
  return [...ofStore('first', disagreeing?.a ?? 0), ...ofStore('second', disagreeing?.b ?? 0)];
}

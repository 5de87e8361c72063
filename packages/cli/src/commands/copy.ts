import { type CopyResult, copyStore, type Metric } from '@switchyard/storage-core';
import { requireDistinctNames, requireSoundRows } from '@switchyard/storage-core/backend';
import { type Command, Option } from 'commander';
import { type CommandContext, openBackend } from '../command-context.js';
import { count } from '../output/plain-text.js';
import { openSource } from '../stores/open-source.js';
import { preparePrivateTarget } from '../stores/private-target.js';
import { refuseSameStore } from '../stores/same-store.js';

interface Options {
  readonly metric?: Metric;
  readonly unchecked?: boolean;
}

/** `switchyard copy FROM TO` */
export function addCopyCommand(program: Command, context: CommandContext): void {
  program
    .command('copy')
    .summary('copy a store into another, of any backend')
    .description(
      'Copies every library, version, page, chunk and vector with its id and timestamps. Nothing is re-embedded. ' +
        'Running it again, also after an interruption, writes only what the target lacks; anything else in the target stays. ' +
        'Ill-formed text of a legacy store is copied with U+FFFD in its place and counted: ' +
        '`switchyard convert STORE --to NEW --dry-run` lists the affected rows.',
    )
    .argument('<from>', 'connection string of an existing store')
    .argument('<to>', 'connection string of the target; created if it does not exist')
    .addOption(
      new Option(
        '--metric <metric>',
        'metric of the target, if it does not support that of the source; rankings then differ',
      ).choices(['cosine', 'l2']),
    )
    .option(
      '--unchecked',
      'copy the readable part of a damaged store; rows hidden by the damage are silently missing',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard copy file:old.db file:new.db\n  $ LIBSQL_AUTH_TOKEN=… switchyard copy file:docs.db libsql://HOST',
    )
    .action(async (from: string, to: string, { metric, unchecked = false }: Options) => {
      const { output, signal, switchyard } = context;
      const target = switchyard.parse(to).redacted;
      refuseSameStore(switchyard.parse(from), switchyard.parse(to), 'FROM and TO');
      const source = await openSource(context, from);
      const progress = output.progress(`Copying to ${target}`, 'chunks');
      let copied: CopyResult;
      let discardEmpty: () => void = () => undefined;
      try {
        if (!unchecked) await requireSoundRows(source, { signal });
        await requireDistinctNames(source, { signal }); // before a target is created
        discardEmpty = preparePrivateTarget(context, switchyard.parse(from), switchyard.parse(to));
        const destination = await openBackend(context, to, {});
        copied = await copyStore(source, destination, {
          signal,
          metric,
          unchecked: true, // see above
          onProgress: ({ chunks, totalChunks }) => progress.update(chunks, totalChunks),
        });
      } catch (error) {
        discardEmpty();
        throw error;
      } finally {
        progress.stop();
        await source.close();
      }
      await output.result(copied, () => formatCopied(copied, target));
    });
}

function formatCopied(copied: CopyResult, target: string): string {
  const { libraries, versions, pages, chunks, vectors, vectorsUnusable, textsReplaced, pagesUnchanged } =
    copied;
  const had = pagesUnchanged === 0 ? '' : ` (${count(pagesUnchanged, 'page')} already present)`;
  const parts = [
    count(libraries, 'library').replace('librarys', 'libraries'),
    count(versions, 'version'),
    count(pages, 'page'),
    count(chunks, 'chunk'),
    count(vectors, 'vector'),
  ];
  const unusable =
    vectorsUnusable === 0
      ? ''
      : `\n${count(vectorsUnusable, 'vector')} unusable and not copied: full-text search alone finds these chunks until they are indexed again.`;
  const replaced =
    textsReplaced === 0
      ? ''
      : `\n${count(textsReplaced, 'text')} of the source ${textsReplaced === 1 ? 'is' : 'are'} not well-formed: the copy has U+FFFD in place of the bytes that are not UTF-8.`;
  return `Copied ${parts.join(', ')} to ${target}${had}.${unusable}${replaced}`;
}

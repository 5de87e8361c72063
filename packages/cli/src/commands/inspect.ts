import type { BackendReport, Capabilities, MigrationStatus, VectorStats } from '@switchyard/storage-core';
import type { Command } from 'commander';
import { type CommandContext, openBackend } from '../command-context.js';
import { bytesPerChunk } from '../output/bytes-per-chunk.js';
import { formatBytes } from '../output/plain-text.js';
import { formatTable } from '../output/table.js';

interface Inspection extends BackendReport {
  readonly schema: MigrationStatus;
  readonly vectorStats: VectorStats;
  /** All that is kept of a chunk, by its share of the whole; null without chunks. */
  readonly bytesPerChunk: number | null;
}

/** `switchyard inspect STORE` */
export function addInspectCommand(program: Command, context: CommandContext): void {
  program
    .command('inspect')
    .summary('show what a store is made of')
    .description(
      'Shows the engine, schema level, embedding model, counts, sizes and capabilities of a store.',
    )
    .argument('<store>', 'connection string of an existing store')
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard inspect file:docs.db\n  $ switchyard inspect sqlite-vec:old.db --json',
    )
    .action(async (store: string) => {
      const { output, signal } = context;
      const backend = await openBackend(context, store, { mustExist: true });
      const report = await backend.inspect({ signal });
      const schema = await backend.migrator.status({ signal });
      const vectorStats = await backend.vectors.stats({ signal });
      const inspection: Inspection = {
        ...report,
        location: output.redact(report.location),
        schema,
        vectorStats,
        bytesPerChunk: bytesPerChunk(report),
      };
      await output.result(inspection, () => formatInspection(inspection, context));
    });
}

function formatInspection(report: Inspection, { output }: CommandContext): string {
  const { engine, schema, profile, counts, vectorStats, bytes, capabilities } = report;
  const rows: [string, string][] = [
    ['store', report.location],
    ['backend', report.backend],
    ['engine', `${engine.name} ${engine.version}`],
    ['schema', `level ${report.schemaLevel} (${schema.state}; this version writes ${schema.latest})`],
    [
      'vectors',
      profile === null
        ? 'none yet'
        : `${profile.model ?? 'unknown model'}, ${profile.dimension} dimensions, ${profile.metric}`,
    ],
    ...Object.entries(counts).map(([what, number]): [string, string] => [`count: ${what}`, String(number)]),
    ['chunks without vector', String(vectorStats.without)],
    ['unusable vectors', String(vectorStats.unusable)],
    ...Object.entries(bytes).map(([what, size]): [string, string] => [`size: ${what}`, formatBytes(size)]),
    ['size: a chunk', report.bytesPerChunk === null ? 'no chunks' : formatBytes(report.bytesPerChunk)],
    ...Object.entries(capabilities).map(
      ([name, value]: [string, Capabilities[keyof Capabilities]]): [string, string] => [
        `can: ${name}`,
        Array.isArray(value)
          ? value.join(', ')
          : typeof value === 'boolean'
            ? value
              ? 'yes'
              : 'no'
            : String(value),
      ],
    ),
  ];
  return formatTable(['what', 'value'], rows, output.colors);
}

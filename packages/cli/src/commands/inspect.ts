import type {
  BackendReport,
  CallOptions,
  Capabilities,
  MigrationStatus,
  MigrationStep,
  StorageBackend,
} from '@switchyard/storage-core';
import {
  hasCapability,
  rankingOf,
  type StagingStatus,
  type VectorStats,
} from '@switchyard/storage-core/backend';
import type { Command } from 'commander';
import { type CommandContext, openBackend } from '../command-context.js';
import { bytesPerChunk } from '../output/bytes-per-chunk.js';
import { formatBytes } from '../output/plain-text.js';
import { formatTable } from '../output/table.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

/** Schema of any store. */
interface Schema {
  readonly backend: string;
  readonly location: string;
  readonly capabilities: Capabilities;
  readonly schema: MigrationStatus;
  /** Steps that `switchyard migrate` would run; empty for a store of the latest level. */
  readonly pendingSteps: readonly MigrationStep[];
}

interface Content extends Omit<BackendReport, 'backend' | 'location' | 'capabilities'> {
  readonly vectorStats: VectorStats;
  /** Unfinished re-embedding; null if there is none. */
  readonly staging: (StagingStatus & { readonly missing: number }) | null;
  /** Size of the store per chunk, everything included; null without chunks. */
  readonly bytesPerChunk: number | null;
}

type Inspection = Schema & Content;

/** `switchyard inspect STORE` */
export function addInspectCommand(program: Command, context: CommandContext): void {
  program
    .command('inspect')
    .summary('show the model, counts, sizes and schema of a store')
    .description(
      'Shows the engine, schema level, embedding model, counts, sizes and capabilities of a store, and the steps that ' +
        '`switchyard migrate` would run. Changes nothing.',
    )
    .argument('[store]', storeHelp())
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard inspect file:docs.db\n  $ switchyard inspect file:docs.db --json',
    )
    .action(async (given: string | undefined) => {
      const store = await chooseStore(context, given);
      const { output, switchyard } = context;
      const backend = await openBackend(context, store, { mustExist: true });
      const inspection = await look(backend, output.redact(switchyard.parse(store).redacted), context);
      await output.result(inspection, () => formatInspection(inspection, context));
    });
}

async function look(
  backend: StorageBackend,
  location: string,
  { signal }: CommandContext,
): Promise<Inspection> {
  const { name, capabilities, migrator } = backend;
  const schema = await migrator.status({ signal });
  const { steps } = await migrator.plan({ signal });
  const known = { backend: name, location, capabilities, schema, pendingSteps: steps };
  const report = await backend.inspect({ signal });
  const vectorStats = await backend.vectors.stats({ signal });
  const staging = await readStaging(backend, { signal });
  return { ...report, ...known, vectorStats, staging, bytesPerChunk: bytesPerChunk(report) };
}

async function readStaging(backend: StorageBackend, options: CallOptions): Promise<Content['staging']> {
  const status = backend.capabilities.reembedding ? await backend.staging?.status(options) : null;
  return status ? { ...status, missing: status.total - status.staged } : null;
}

function formatInspection(inspection: Inspection, { output }: CommandContext): string {
  const { location, backend, schema, pendingSteps, capabilities } = inspection;
  const level = schema.level === null ? 'none' : `level ${schema.level}`;
  const rows: [string, string][] = [
    ['store', location],
    ['backend', backend],
    ['schema', `${level} (${schema.state}; this version writes ${schema.latest})`],
    ...pendingSteps.map(({ id, description }): [string, string] => [`pending: ${id}`, description]),
    ...contentRows(inspection),
    ...Object.entries(completed(capabilities)).map(([name, value]): [string, string] => [
      `can: ${name}`,
      shown(value),
    ]),
  ];
  return formatTable(['property', 'value'], rows, output.colors, output.columns);
}

/** Adds the defaults of capabilities that a backend has unless it declares otherwise. */
function completed(capabilities: Capabilities): Capabilities {
  return {
    ...capabilities,
    vectors: hasCapability(capabilities, 'vectors'),
    fts: hasCapability(capabilities, 'fts'),
    ranking: rankingOf(capabilities),
  };
}

function contentRows({
  engine,
  profile,
  counts,
  vectorStats,
  staging,
  bytes,
  bytesPerChunk,
}: Content): [string, string][] {
  return [
    ['engine', `${engine.name} ${engine.version}`],
    [
      'vectors',
      profile === null
        ? 'none yet'
        : `${profile.model ?? 'unknown model'}, ${profile.dimension} dimensions, ${profile.metric}`,
    ],
    ...Object.entries(counts).map(([what, number]): [string, string] => [`count: ${what}`, String(number)]),
    ['chunks without vector', String(vectorStats.without)],
    ['unusable vectors', String(vectorStats.unusable)],
    ...(staging === null ? [] : [['unfinished re-embedding', describeStaging(staging)] as [string, string]]),
    ...Object.entries(bytes).map(([what, size]): [string, string] => [`size: ${what}`, formatBytes(size)]),
    ['size: a chunk', bytesPerChunk === null ? 'no chunks' : formatBytes(bytesPerChunk)],
  ];
}

function describeStaging({ profile, staged, givenUp, missing }: NonNullable<Content['staging']>): string {
  const { model, dimension, metric } = profile;
  const without = givenUp === 0 ? '' : ` (${givenUp} without a vector)`;
  return `${model ?? 'unknown model'}, ${dimension} dimensions, ${metric}: ${staged} done${without}, ${missing} missing`;
}

function shown(value: Capabilities[keyof Capabilities]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

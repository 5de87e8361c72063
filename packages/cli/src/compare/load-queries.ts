import { createReadStream } from 'node:fs';
import { type SampledQuery, sampleQueries } from '@switchyard/storage-compare';
import type { StorageBackend } from '@switchyard/storage-core';
import { CliError } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';
import { describeError } from '../output/describe-error.js';
import { parseQuery, type Query } from '../queries/query.js';
import { readLines } from '../queries/read-lines.js';
import { requireFile } from '../queries/require-file.js';

/** A query before it has vectors. */
export interface LoadedQuery extends Query {
  /** Stands in for the vector of a query drawn from a store whose model is not at hand. */
  readonly chunkVector: Float32Array | null;
}

/** Queries and where they came from. */
export interface LoadedQueries {
  readonly queries: readonly LoadedQuery[];
  /** Source, for people. */
  readonly source: string;
}

/** Sources of queries; exactly one must be set. */
export interface QuerySource {
  readonly queries?: string | undefined;
  readonly log?: string | undefined;
  readonly sample?: number | undefined;
}

const SAMPLE_DEFAULT = 100;

/** @throws CliError `CLI_USAGE` for several sources, `CLI_QUERY_INVALID` naming the line, `CLI_NO_QUERIES` for none. */
export async function loadQueries(
  context: CommandContext,
  { queries: file, log, sample }: QuerySource,
  {
    limit,
    seed,
    backend,
  }: { readonly limit: number; readonly seed: number; readonly backend: StorageBackend },
): Promise<LoadedQueries> {
  if ([file, log, sample].filter((source) => source !== undefined).length > 1) {
    const action = 'Choose one source of queries; see `switchyard help compare`.';
    throw new CliError('CLI_USAGE', '--queries, --log and --sample exclude each other.', action);
  }
  const path = file ?? log;
  const loaded =
    path === undefined
      ? await drawQueries(context, backend, { limit, seed, count: sample ?? SAMPLE_DEFAULT })
      : await readQueries(context, path, limit, log !== undefined);
  if (loaded.queries.length > 0) return loaded;
  throw new CliError(
    'CLI_NO_QUERIES',
    path === undefined
      ? 'The first store holds nothing to ask about.'
      : `${path === '-' ? 'Standard input' : path} holds no queries.`,
    'Give queries with --queries FILE, or index documentation first.',
  );
}

async function drawQueries(
  { output, signal }: CommandContext,
  backend: StorageBackend,
  { limit, seed, count }: { readonly limit: number; readonly seed: number; readonly count: number },
): Promise<LoadedQueries> {
  const drawn = await sampleQueries(backend, { count, seed, signal });
  if (drawn.length < count)
    output.note(`The first store has headings and sentences for ${drawn.length} queries only.`);
  return {
    queries: drawn.map((query) => fromSample(query, limit)),
    source: 'drawn from headings and sentences of the first store',
  };
}

function fromSample({ chunkVector, ...query }: SampledQuery, limit: number): LoadedQuery {
  return { ...query, limit, vector: null, chunkVector };
}

async function readQueries(
  { signal, stdin, output }: CommandContext,
  path: string,
  limit: number,
  isLog: boolean,
): Promise<LoadedQueries> {
  if (path !== '-') await requireFile(path);
  const queries: LoadedQuery[] = [];
  const seen = new Set<string>();
  let number = 0;
  let repeated = 0;
  for await (const line of readLines(path === '-' ? stdin : createReadStream(path), signal)) {
    number += 1;
    if (line.trim() === '') continue;
    const query = parseLine(line, number, limit);
    const name = JSON.stringify([query.library, query.version, query.text, query.limit]);
    // People ask the same again and again; a log of it must not weigh one query more than another.
    if (isLog && seen.has(name)) {
      repeated += 1;
      continue;
    }
    seen.add(name);
    queries.push({ ...query, chunkVector: null });
  }
  if (repeated > 0) output.note(`${repeated} repeated searches of the log are asked once.`);
  return { queries, source: isLog ? 'recorded log' : 'file' };
}

function parseLine(line: string, number: number, limit: number): Query {
  try {
    return parseQuery(line, limit);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const { message, action } = describeError(error);
    throw new CliError('CLI_QUERY_INVALID', `Line ${number}: ${message}`, action, error);
  }
}

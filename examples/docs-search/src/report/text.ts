import type { SearchHit } from '@switchyard/storage-core';
import Table from 'cli-table3';
import colors from 'picocolors';
import type { Comparison } from '../compare.js';
import { SOURCE } from '../stores.js';
import { nextSteps } from './next-steps.js';
import type { DemoResult } from './result.js';

/** Display options. */
export interface TextSettings {
  /** Number of hits shown per answer. */
  readonly show: number;
  /** Width of the terminal. */
  readonly columns: number;
  /** Duration of the run. */
  readonly seconds: number;
}

/** Formats the result for people. */
export function toText(result: DemoResult, { show, columns, seconds }: TextSettings): string {
  const parts = [
    indexingPart(result),
    ...result.comparisons.map((comparison) => questionPart(comparison, show, columns)),
    summaryPart(result, seconds),
    nextSteps(result),
  ];
  return parts.join('\n\n');
}

function indexingPart({ documentation, indexing, model, dimension }: DemoResult): string {
  const { embedded, indexingSeconds, copied, copyingSeconds } = indexing;
  const packages = documentation.map(
    ({ library, version, pages, chunks }) => `${library} ${version}: ${pages.length} pages, ${chunks} chunks`,
  );
  const leftOut = documentation.reduce((sum, entry) => sum + entry.leftOut, 0);
  if (leftOut > 0) {
    packages.push(
      `Left out to keep this short: ${leftOut} pages, such as policies, migration guides and typings (--all takes them too).`,
    );
  }
  const first =
    embedded === 0
      ? `The store ${SOURCE.file} holds them from an earlier run; nothing was embedded.`
      : `Embedded ${embedded} chunks with ${model} (${dimension} dimensions, no network) and indexed them into the ` +
        `store ${SOURCE.file} (${SOURCE.name}) in ${indexingSeconds.toFixed(1)} s: ${(embedded / indexingSeconds).toFixed(0)} chunks/s.`;
  return [
    ...packages,
    first,
    `Copied ${copied} chunks to the libSQL store in ${copyingSeconds.toFixed(1)} s, with their ids and vectors: ` +
      'nothing is embedded twice.',
  ].join('\n');
}

function questionPart(comparison: Comparison, show: number, columns: number): string {
  const { question, source, libsql } = comparison;
  // The frame and the rank column take 11 characters.
  const width = Math.max(30, Math.floor((Math.min(columns, 180) - 11) / 2));
  const table = new Table({
    head: ['', SOURCE.name, 'libsql'],
    colWidths: [4, width + 2, width + 2],
    style: { head: [], border: [], compact: true },
  });
  for (let place = 0; place < Math.min(show, Math.max(source.length, libsql.length)); place++) {
    table.push([String(place + 1), describe(source[place], width), describe(libsql[place], width)]);
  }
  const title = `${colors.bold(question.text)}  ${colors.dim(`(${question.library})`)}`;
  return `${title}  ${verdict(comparison)}\n${table.toString()}`;
}

function verdict({ identical, overlap, source }: Comparison): string {
  if (identical) return colors.green(`same ${source.length}, same order`);
  return colors.yellow(`${overlap} of ${source.length} the same`);
}

function describe(hit: SearchHit | undefined, width: number): string {
  if (hit === undefined) return '';
  const { title, metadata, score, vecRank, ftsRank } = hit;
  // Most pages have their own title as the outermost heading.
  const path = metadata.path[0] === title ? metadata.path.slice(1) : metadata.path;
  const place = [title ?? hit.url, ...path].join(' › ');
  const numbers = `${score.toFixed(4)}  vector #${vecRank ?? '–'}  full-text #${ftsRank ?? '–'}`;
  return `${shorten(place, width)}\n${colors.dim(shorten(numbers, width))}`;
}

function shorten(text: string, width: number): string {
  const characters = [...text.replace(/\s+/g, ' ')];
  return characters.length <= width ? characters.join('') : `${characters.slice(0, width - 1).join('')}…`;
}

function summaryPart({ comparisons, latency }: DemoResult, seconds: number): string {
  const same = comparisons.filter(({ identical }) => identical).length;
  const overlap = comparisons.reduce((sum, comparison) => sum + comparison.overlap, 0);
  const possible = comparisons.reduce((sum, { source }) => sum + source.length, 0);
  return [
    `${same} of ${comparisons.length} questions have the same five answers in the same order; ${overlap} of ${possible} answers are the same.`,
    `Median of a hybrid search (${latency.searchesEach} each, taking turns, question already embedded): ` +
      `${SOURCE.name} ${latency.sourceMedian.toFixed(1)} ms, libsql ${latency.libsqlMedian.toFixed(1)} ms.`,
    `The whole run took ${seconds.toFixed(0)} s.`,
  ].join('\n');
}

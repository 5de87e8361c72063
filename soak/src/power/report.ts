import { LOSSES } from './disk.js';
import { recordings } from './record.js';
import type { CutResult } from './run.js';

/** Totals over the images of one recording. */
export interface RecordingReport {
  readonly recording: string;
  readonly images: number;
  readonly compared: number;
  /** Number of images that contain every acknowledged operation. */
  readonly whole: number;
  /** Maximum and mean number of acknowledged operations missing from an image. */
  readonly mostLost: number;
  readonly meanLost: number;
  /** Maximum by the kind of loss. */
  readonly mostLostBy: Readonly<Record<string, number>>;
  readonly faults: number;
}

/** Counts of a run. */
export interface PowerReport {
  readonly images: number;
  readonly recordings: readonly RecordingReport[];
  readonly faults: readonly { readonly id: string; readonly fault: string }[];
}

/** Aggregates the results of a run. */
export function summarize(results: readonly CutResult[]): PowerReport {
  return {
    images: results.length,
    recordings: recordings
      .map(({ name }) =>
        reportOf(
          name,
          results.filter(({ recording }) => recording === name),
        ),
      )
      .filter(({ images }) => images > 0),
    faults: results.flatMap(({ id, faults }) => faults.map((fault) => ({ id, fault }))),
  };
}

function reportOf(recording: string, results: readonly CutResult[]): RecordingReport {
  const losses = results.map(({ lost }) => lost ?? 0);
  const most = (of: readonly CutResult[]): number =>
    of.reduce((max, { lost }) => Math.max(max, lost ?? 0), 0);
  return {
    recording,
    images: results.length,
    compared: results.reduce((sum, { compared }) => sum + compared, 0),
    whole: results.filter(({ lost }) => lost === 0).length,
    mostLost: most(results),
    meanLost: results.length === 0 ? 0 : losses.reduce((sum, lost) => sum + lost, 0) / results.length,
    mostLostBy: Object.fromEntries(
      LOSSES.map((loss) => [loss, most(results.filter((result) => result.loss === loss))]),
    ),
    faults: results.filter(({ faults }) => faults.length > 0).length,
  };
}

/** Formats the report as a Markdown table, followed by the faults. */
export function toText({ images, recordings: rows, faults }: PowerReport): string {
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['recording', 'images', 'compared', 'nothing lost', 'lost at most', 'lost on average', 'faults']),
    line(Array.from({ length: 7 }, () => '---')),
    ...rows.map((row) =>
      line([
        row.recording,
        row.images,
        row.compared,
        row.whole,
        row.mostLost,
        row.meanLost.toFixed(1),
        row.faults,
      ]),
    ),
    '',
    ...rows.map((row) => `${row.recording}, lost at most by kind: ${JSON.stringify(row.mostLostBy)}`),
    `${images} images. Lost: acknowledged operations that are not in an image.`,
    faults.length === 0 ? 'No faults.' : 'FAULTS:',
    ...faults.map(({ id, fault }) => `  ${id}: ${fault}`),
  ].join('\n');
}

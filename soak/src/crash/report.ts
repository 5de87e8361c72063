import type { EpisodeResult } from './episode.js';
import { MODES, type Mode } from './modes.js';
import { total } from './run.js';

/** Totals over all stores of one mode. */
export interface ModeReport {
  readonly mode: Mode;
  readonly stores: number;
  readonly kills: number;
  readonly images: number;
  readonly acknowledged: number;
  /** Number of writes whose error reported that nothing was written. */
  readonly refused: number;
  /** Number of writes with the outcome `unknown`: applied and absent. */
  readonly unknownApplied: number;
  readonly unknownAbsent: number;
  /** Number of writes killed before they were answered: applied and absent. */
  readonly inFlightApplied: number;
  readonly inFlightAbsent: number;
  readonly compared: number;
  readonly faults: number;
}

/** Counts of a run. */
export interface CrashReport {
  readonly modes: readonly ModeReport[];
  readonly crashes: number;
  readonly faults: readonly { readonly id: string; readonly fault: string }[];
}

/** Aggregates the results of a run. */
export function summarize(results: readonly EpisodeResult[]): CrashReport {
  const modes = MODES.map((mode) =>
    reportOf(
      mode,
      results.filter((result) => result.mode === mode),
    ),
  );
  return {
    modes: modes.filter(({ stores }) => stores > 0),
    crashes: results.reduce((sum, { crashes }) => sum + total(crashes), 0),
    faults: results.flatMap(({ id, faults }) => faults.map((fault) => ({ id, fault }))),
  };
}

function reportOf(mode: Mode, results: readonly EpisodeResult[]): ModeReport {
  const sum = (value: (result: EpisodeResult) => number): number =>
    results.reduce((all, result) => all + value(result), 0);
  return {
    mode,
    stores: results.length,
    kills: sum(({ crashes }) => total(crashes) - (crashes.image ?? 0)),
    images: sum(({ crashes }) => crashes.image ?? 0),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    refused: sum(({ refused }) => refused),
    unknownApplied: sum(({ resolvedApplied }) => resolvedApplied),
    unknownAbsent: sum(({ resolvedAbsent }) => resolvedAbsent),
    inFlightApplied: sum(({ inFlightApplied }) => inFlightApplied),
    inFlightAbsent: sum(({ inFlightAbsent }) => inFlightAbsent),
    compared: sum(({ compared }) => compared),
    faults: sum(({ faults }) => faults.length),
  };
}

/** Formats the report as a Markdown table, followed by the faults. */
export function toText({ modes, crashes, faults }: CrashReport): string {
  const header = [
    'mode',
    'stores',
    'kills',
    'images',
    'acknowledged',
    'refused',
    'unknown',
    'in flight',
    'compared',
    'faults',
  ];
  const rows = modes.map((row) => [
    row.mode,
    row.stores,
    row.kills,
    row.images,
    row.acknowledged,
    row.refused,
    `${row.unknownApplied} + ${row.unknownAbsent}`,
    `${row.inFlightApplied} + ${row.inFlightAbsent}`,
    row.compared,
    row.faults,
  ]);
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(header),
    line(header.map(() => '---')),
    ...rows.map(line),
    '',
    `${crashes} kills and images. Unknown and in flight: applied + absent.`,
    faults.length === 0 ? 'No faults.' : 'FAULTS:',
    ...faults.map(({ id, fault }) => `  ${id}: ${fault}`),
  ].join('\n');
}

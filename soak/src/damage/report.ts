import type { DamageResult } from './types.js';

/** Counts of a run, for people and for JSON. */
export interface DamageReport {
  readonly files: number;
  readonly steps: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly faults: readonly {
    readonly class: string;
    readonly count: number;
    readonly files: readonly string[];
  }[];
  /** Number of files with a wrong answer without an error, by damage and by the check that reports it. */
  readonly silent: readonly { readonly damage: string; readonly files: number; readonly reported: number }[];
  /** Of these answers: those that plain SQLite gives too, and those for which it only reads the tables differently. */
  readonly silentAnswers: { readonly sameAsPlain: number; readonly tablesOnly: number };
  readonly silentTables: Readonly<Record<string, number>>;
}

function add(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

/** Removes the parts of a message that differ between files. */
function classOf(detail: string): string {
  return (detail.split('\n')[0] ?? '')
    .replaceAll(/(?:\/[\w.-]+){2,}/g, 'PATH')
    .replaceAll(/'[^']*'|"[^"]*"/g, 'TEXT')
    .replaceAll(/\d+/g, 'N')
    .slice(0, 160);
}

/** Aggregates the results of a run. */
export function summarize(results: readonly DamageResult[]): DamageReport {
  const errors: Record<string, number> = {};
  const tables: Record<string, number> = {};
  const answers = { sameAsPlain: 0, tablesOnly: 0 };
  const faults = new Map<string, string[]>();
  const silent = new Map<string, { files: number; reported: number }>();
  for (const result of results) {
    for (const [code, count] of Object.entries(result.errors)) add(errors, code, count);
    for (const { step, kind, detail } of result.faults) {
      const name = `${kind} in ${step.replace(/#\d+$/, '')}: ${classOf(detail)}`;
      const files = faults.get(name) ?? [];
      if (!files.includes(result.id)) files.push(result.id);
      faults.set(name, files);
    }
    if (result.silent.length === 0) continue;
    for (const { sameAsPlain } of result.silent) answers[sameAsPlain ? 'sameAsPlain' : 'tablesOnly'] += 1;
    const of = silent.get(result.damage) ?? { files: 0, reported: 0 };
    of.files += 1;
    if (result.reportedBy.length > 0) of.reported += 1;
    silent.set(result.damage, of);
    for (const where of new Set(result.silent.flatMap((difference) => difference.where.split(/[,;] /)))) {
      add(tables, where.replaceAll(/\d+/g, 'N').slice(0, 80));
    }
  }
  return {
    files: results.length,
    steps: results.reduce((sum, { steps }) => sum + steps, 0),
    errors,
    faults: [...faults]
      .map(([name, files]) => ({ class: name, count: files.length, files: files.slice(0, 5) }))
      .sort((a, b) => b.count - a.count),
    silent: [...silent].map(([damage, counts]) => ({ damage, ...counts })).sort((a, b) => b.files - a.files),
    silentAnswers: answers,
    silentTables: Object.fromEntries(Object.entries(tables).sort((a, b) => b[1] - a[1])),
  };
}

/** Formats the report as text. */
export function toText({
  files,
  steps,
  errors,
  faults,
  silent,
  silentAnswers,
  silentTables,
}: DamageReport): string {
  const list = (counts: Readonly<Record<string, number>>): string[] =>
    Object.entries(counts).map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`);
  return [
    `${files} damaged files, ${steps} steps.`,
    'Typed errors:',
    ...list(errors),
    'Answered differently without an error (files; of these, reported by a check):',
    ...silent.map(
      ({ damage, files: n, reported }) => `  ${String(n).padStart(6)}  ${damage} (${reported} reported)`,
    ),
    `These are ${silentAnswers.sameAsPlain} answers that plain SQLite gives too, and ${silentAnswers.tablesOnly} over tables that it reads differently.`,
    'Read differently by plain SQLite in these, also without an error (files):',
    ...list(silentTables),
    faults.length === 0 ? 'No faults.' : 'FAULTS (files):',
    ...faults.map(
      ({ class: name, count, files: ids }) => `  ${String(count).padStart(6)}  ${name}  [${ids.join(' ')}]`,
    ),
  ].join('\n');
}

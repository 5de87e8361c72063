import type { Outcome } from './contract.js';

/** A finished row. */
export interface FinishedRow {
  readonly title: string;
  /** One for each runtime. */
  readonly outcomes: readonly Outcome[];
}

const BEGIN = '<!-- written by `npm run test:node-versions -- --write` -->';
const END = '<!-- end of the table -->';

/** Formats the results as a Markdown table, with the failures below it. */
export function formatTable(runtimes: readonly string[], rows: readonly FinishedRow[]): string {
  const lines = [
    `| one installation | ${runtimes.join(' | ')} |`,
    `|---|${runtimes.map(() => '---|').join('')}`,
    ...rows.map(({ title, outcomes }) => `| ${title} | ${outcomes.map(cell).join(' | ')} |`),
  ];
  const notes = rows.flatMap((row) => notesOf(row, runtimes));
  return [...lines, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}

/** Says why cells are not green; the same reason once for all runtimes. */
function notesOf({ title, outcomes }: FinishedRow, runtimes: readonly string[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const [index, outcome] of outcomes.entries()) {
    const runtime = runtimes[index] ?? '';
    const reason =
      outcome.type === 'broken'
        ? plain(outcome.reason.replaceAll(runtime, 'this version of Node'))
        : outcome.failed.map((id) => `\`${id}\` fails`).join(', ');
    if (reason !== '') reasons.set(reason, [...(reasons.get(reason) ?? []), runtime]);
  }
  return [...reasons].map(([reason, names]) => `- ${title}, on ${names.join(', ')}: ${reason}`);
}

/** Replaces the table of a page. @throws Error if the page has no place for it. */
export function writeTable(page: string, table: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`The page lacks ${BEGIN} or ${END}.`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`;
}

function cell(outcome: Outcome): string {
  if (outcome.type === 'broken') return 'does not load';
  const { passed, skipped, failed } = outcome;
  const parts = [
    `${passed} passed`,
    ...(failed.length === 0 ? [] : [`${failed.length} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
  ];
  return parts.join(', ');
}

/** Paths of the machine are of no use to a reader. */
function plain(text: string): string {
  return text.replaceAll(/(?:file:\/\/)?(?:\/[\w@.+-]+){2,}\//g, '…/').replaceAll('|', '\\|');
}

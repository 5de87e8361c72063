import { RUNS } from './unicode61-table.js';

/** Result of {@link foldCharacter} for a character that separates tokens. */
export const SEPARATOR = -1;
/** Result of {@link foldCharacter} for a combining mark that is part of a token and not kept in it. */
export const DROPPED = -2;

/** Runs of code points with the same rule: the first of each, and the rule. */
interface Table {
  readonly starts: Uint32Array;
  /** Difference between a character and its folded form, or one of the two below. */
  readonly rules: Int32Array;
}

/** Larger than any difference between code points. */
const RULE_SEPARATOR = 0x7fffffff;
const RULE_DROPPED = 0x7ffffffe;
const ASCII = 128;

let table: Table | null = null;
let ascii: Int32Array | null = null;

/**
 * Returns the code point that FTS5's tokenizer `unicode61` puts into a token in place of a character: in lower case,
 * and without the diacritic of a Latin letter that has exactly one. {@link SEPARATOR} and {@link DROPPED} for
 * characters that it puts into none.
 */
export function foldCharacter(code: number): number {
  ascii ??= Int32Array.from({ length: ASCII }, (_, character) => look(character));
  return code < ASCII ? (ascii[code] as number) : look(code);
}

function look(code: number): number {
  table ??= readTable(RUNS);
  const { starts, rules } = table;
  let low = 0;
  let high = starts.length;
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] as number) <= code) low = middle;
    else high = middle;
  }
  const rule = rules[low] as number;
  if (rule === RULE_SEPARATOR) return SEPARATOR;
  return rule === RULE_DROPPED ? DROPPED : code + rule;
}

/** @param runs Runs as `<length of the previous run><rule>`, numbers in base 36, rules `S`, `D`, `+n`, `-n` or none. */
function readTable(runs: readonly string[]): Table {
  const entries = runs.join(' ').split(' ');
  const starts = new Uint32Array(entries.length);
  const rules = new Int32Array(entries.length);
  let start = 0;
  for (const [index, entry] of entries.entries()) {
    const [, gap = '', rule = ''] = /^([0-9a-z]+)(.*)$/.exec(entry) ?? [];
    start += Number.parseInt(gap, 36);
    starts[index] = start;
    rules[index] = readRule(rule);
  }
  return { starts, rules };
}

function readRule(rule: string): number {
  if (rule === 'S') return RULE_SEPARATOR;
  if (rule === 'D') return RULE_DROPPED;
  return rule === '' ? 0 : Number.parseInt(rule, 36);
}

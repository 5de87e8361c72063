import { type SqliteDriver, text } from '@switchyard/sqlite-common';
import type { ConversionProblem, ProblemCounts, ProblemKind } from '../problems.js';

/** Phases of a conversion, in order. */
export const phases = [
  'catalog',
  'chunks',
  'indexed-vectors',
  'remaining-vectors',
  'codes',
  'faults',
  'words',
  'rebuild-words',
  'finish',
] as const;

/** One of `phases`, or `built` for a complete store that only has to be checked and renamed. */
export type Phase = (typeof phases)[number] | 'built';

/** State of a conversion. */
export interface JournalState {
  /** Fingerprint of the legacy store at the beginning. */
  readonly fingerprint: string;
  /** Start of the machine in which it was written: see {@link Journal}. */
  readonly boot: string;
  readonly phase: Phase;
  /** Position within the phase. */
  readonly after: number;
  /** Rows and bytes processed so far, for the estimate. */
  readonly rows: number;
  readonly bytes: number;
}

const CREATE = `
  CREATE TABLE IF NOT EXISTS switchyard_conversion (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS switchyard_conversion_problems (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    line TEXT NOT NULL
  )`;

const DROP = `
  DROP TABLE switchyard_conversion;
  DROP TABLE switchyard_conversion_problems`;

const EXISTS = `
  SELECT 1 AS found FROM main.sqlite_master WHERE type = 'table' AND name = 'switchyard_conversion'`;

const READ = `
  SELECT ${text('switchyard_conversion.state')} FROM switchyard_conversion WHERE id = 1`;

const WRITE = `
  INSERT INTO switchyard_conversion (id, state) VALUES (1, ?1)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state`;

const ADD_PROBLEM = `
  INSERT INTO switchyard_conversion_problems (kind, line) VALUES (?1, ?2)`;

const COUNT_PROBLEMS = `
  SELECT ${text('problems.kind')}, count(*) AS n
  FROM switchyard_conversion_problems AS problems
  GROUP BY problems.kind
  ORDER BY problems.kind`;

const PROBLEMS_AFTER = `
  SELECT problems.number, ${text('problems.line')}
  FROM switchyard_conversion_problems AS problems
  WHERE problems.number > ?1
  ORDER BY problems.number
  LIMIT 1000`;

const FORGET_KIND = `
  DELETE FROM switchyard_conversion_problems WHERE kind = ?1`;

/**
 * Journal of a conversion, kept in the new store and written in the same transactions: after a kill it resumes exactly
 * where it stopped. The file is not flushed to disk while it is being built, so a machine that stopped may have lost
 * parts of it; a state from an earlier start of the machine does not count.
 */
export class Journal {
  readonly #driver: SqliteDriver;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  /** Reads the state of an earlier conversion; null if there is none. */
  read(): JournalState | null {
    if (this.#driver.first(EXISTS) === undefined) return null;
    const state = this.#driver.first<{ state: string }>(READ)?.state;
    return state === undefined ? null : (JSON.parse(state) as JournalState);
  }

  /** Prepares the store for a new conversion. */
  create(): void {
    this.#driver.exec(CREATE);
  }

  /** Records a state; must run in the transaction that performs its work. */
  write(state: JournalState): void {
    this.#driver.run(WRITE, [JSON.stringify(state)]);
  }

  /** Records a problem; must run in a transaction. */
  add(problem: ConversionProblem): void {
    this.#driver.run(ADD_PROBLEM, [problem.kind, JSON.stringify(problem)]);
  }

  counts(): ProblemCounts {
    const rows = this.#driver.all<{ kind: ProblemKind; n: number }>(COUNT_PROBLEMS);
    return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
  }

  /** Removes problems of a kind that turned out to be the rule. */
  forget(kind: ProblemKind): void {
    this.#driver.run(FORGET_KIND, [kind]);
  }

  /** Returns all problems as lines of JSON. */
  *lines(): Generator<string> {
    for (let after = 0; ; ) {
      const rows = this.#driver.all<{ number: number; line: string }>(PROBLEMS_AFTER, [after]);
      for (const { line } of rows) yield line;
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.number;
    }
  }

  /** Removes the journal from the store. */
  drop(): void {
    this.#driver.exec(DROP);
  }
}

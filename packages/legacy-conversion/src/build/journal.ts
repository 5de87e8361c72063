import { type SqliteDriver, text } from '@switchyard/sqlite-common';
import type { ConversionProblem, ProblemCounts, ProblemKind } from '../problems.js';

/** What a conversion does, in order. */
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

/** One of {@link phases}, or `built` when the store is complete and only has to be checked and put into its place. */
export type Phase = (typeof phases)[number] | 'built';

/** How far a conversion has come. */
export interface JournalState {
  /** The store it is made from, when it began. */
  readonly fingerprint: string;
  /** The start of the machine it was written under: see {@link Journal}. */
  readonly boot: string;
  readonly phase: Phase;
  /** Where in the phase to go on. */
  readonly after: number;
  /** For the estimate: rows and bytes that are done. */
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
 * What a conversion remembers of itself, in the store that it builds and in the same transactions: after a kill it goes
 * on exactly where it was. While building, the file is not flushed to the disk, so that a machine that stopped may have
 * lost part of it; a state of another start of the machine does not count.
 */
export class Journal {
  readonly #driver: SqliteDriver;

  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  /** The state a conversion left; null when there is none. */
  read(): JournalState | null {
    if (this.#driver.first(EXISTS) === undefined) return null;
    const state = this.#driver.first<{ state: string }>(READ)?.state;
    return state === undefined ? null : (JSON.parse(state) as JournalState);
  }

  /** Prepares the store for a new conversion. */
  create(): void {
    this.#driver.exec(CREATE);
  }

  /** Belongs into the transaction that does what the state says. */
  write(state: JournalState): void {
    this.#driver.run(WRITE, [JSON.stringify(state)]);
  }

  /** Notes a problem; in a transaction. */
  add(problem: ConversionProblem): void {
    this.#driver.run(ADD_PROBLEM, [problem.kind, JSON.stringify(problem)]);
  }

  counts(): ProblemCounts {
    const rows = this.#driver.all<{ kind: ProblemKind; n: number }>(COUNT_PROBLEMS);
    return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
  }

  /** Takes back problems of a kind that turned out to be the rule. */
  forget(kind: ProblemKind): void {
    this.#driver.run(FORGET_KIND, [kind]);
  }

  /** All problems, as lines of JSON. */
  *lines(): Generator<string> {
    for (let after = 0; ; ) {
      const rows = this.#driver.all<{ number: number; line: string }>(PROBLEMS_AFTER, [after]);
      for (const { line } of rows) yield line;
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.number;
    }
  }

  /** Leaves no trace in the store. */
  drop(): void {
    this.#driver.exec(DROP);
  }
}

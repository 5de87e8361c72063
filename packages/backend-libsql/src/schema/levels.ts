import { createHash } from 'node:crypto';
import { BASELINE } from './baseline.sql.js';
import { PAGE_WRITES } from './page-writes.sql.js';

/** One step from a level to the next. Steps are never changed once they were released; new ones are added. */
export interface SchemaStep {
  /** The level it leads to, from 1. */
  readonly level: number;
  readonly name: string;
  readonly description: string;
  readonly sql: string;
}

/** All steps, in order. A new store runs them all. */
export const schemaSteps: readonly SchemaStep[] = [
  {
    level: 1,
    name: 'baseline',
    description: 'Creates the tables of a new store.',
    sql: `${BASELINE}
${PAGE_WRITES}`,
  },
];

/** The level this backend writes. */
export const LATEST_LEVEL = schemaSteps.length;

/** The name of a step in plans and results, such as `001-baseline`. */
export function stepId({ level, name }: SchemaStep): string {
  return `${String(level).padStart(3, '0')}-${name}`;
}

/** What identifies the text of a step, so that a store tells which one it ran. Comments and blanks do not count. */
export function stepChecksum({ sql }: SchemaStep): string {
  const statements = sql
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return createHash('sha256').update(statements).digest('hex');
}

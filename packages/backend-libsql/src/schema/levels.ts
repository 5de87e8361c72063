import { createHash } from 'node:crypto';
import { BASELINE } from './baseline.sql.js';
import { PAGE_WRITES } from './page-writes.sql.js';

/** Step from one schema level to the next. Released steps are never changed; new ones are added. */
export interface SchemaStep {
  /** Level after the step, from 1. */
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

/** Schema level that this backend writes. */
export const LATEST_LEVEL = schemaSteps.length;

/** Returns the name of a step in plans and results, such as `001-baseline`. */
export function stepId({ level, name }: SchemaStep): string {
  return `${String(level).padStart(3, '0')}-${name}`;
}

/** Returns the checksum of the text of a step, which a store records. Ignores comments and white space. */
export function stepChecksum({ sql }: SchemaStep): string {
  const statements = sql
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return createHash('sha256').update(statements).digest('hex');
}

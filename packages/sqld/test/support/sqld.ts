import { type HranaResponse, sendHrana } from '../../../../tests/support/sqld.js';

export { describeWithSqld } from '../../../../tests/support/sqld.js';

/** Runs one statement and returns the HTTP status with the rows or the error. */
export function query(url: string, sql: string, token?: string): Promise<HranaResponse> {
  return sendHrana(url, { type: 'execute', stmt: { sql } }, token);
}

import { findSqld, sqldHint } from '@switchyard/sqld';
import { describe } from 'vitest';

/** Defines tests on a real server. Without a binary they are visibly skipped, except in CI, where that is a failure. */
export function describeWithSqld(name: string, body: () => void): void {
  const found = findSqld() !== null;
  if (!found && process.env.CI === 'true') throw new Error(`CI runs with a real server. ${sqldHint()}`);
  describe.skipIf(!found)(found ? name : `${name} (skipped: ${sqldHint()})`, body);
}

/** Runs one statement over Hrana 2 and returns the HTTP status with the rows or the error. */
export async function query(
  url: string,
  sql: string,
  token?: string,
): Promise<{ status: number; rows: unknown[][]; error: string | null }> {
  const response = await fetch(`${url}/v2/pipeline`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      connection: 'close',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ requests: [{ type: 'execute', stmt: { sql } }, { type: 'close' }] }),
  });
  const text = await response.text();
  if (!response.ok) return { status: response.status, rows: [], error: text };
  const { results } = JSON.parse(text) as {
    results: {
      type: string;
      error?: { message: string };
      response?: { result?: { rows: { value?: unknown }[][] } };
    }[];
  };
  const [first] = results;
  return {
    status: response.status,
    rows: (first?.response?.result?.rows ?? []).map((row) => row.map((cell) => cell.value ?? null)),
    error: first?.error?.message ?? null,
  };
}

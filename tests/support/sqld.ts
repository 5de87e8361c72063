import { findSqld, sqldHint } from '@switchyard/sqld';
import { describe } from 'vitest';

/** Defines tests on a real server. Without a binary they are visibly skipped, except in CI, where that is a failure. */
export function describeWithSqld(name: string, body: () => void): void {
  const found = findSqld() !== null;
  if (!found && process.env.CI === 'true') throw new Error(`CI runs with a real server. ${sqldHint()}`);
  describe.skipIf(!found)(found ? name : `${name} (skipped: ${sqldHint()})`, body);
}

/** Request of Hrana 2: one statement, or a sequence of them without results. */
export type HranaRequest =
  | { readonly type: 'execute'; readonly stmt: { readonly sql: string } }
  | { readonly type: 'sequence'; readonly sql: string };

/** Response to a {@link HranaRequest}. */
export interface HranaResponse {
  /** HTTP status. */
  readonly status: number;
  readonly rows: unknown[][];
  /** Message of the server if it refused the request or the statement. */
  readonly error: string | null;
}

/** Sends one request to a server without the libSQL binding, on a connection of its own. */
export async function sendHrana(url: string, request: HranaRequest, token?: string): Promise<HranaResponse> {
  const response = await fetch(`${url}/v2/pipeline`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      connection: 'close',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ requests: [request, { type: 'close' }] }),
  });
  const text = await response.text();
  if (!response.ok) return { status: response.status, rows: [], error: text };
  const { results } = JSON.parse(text) as {
    results: {
      error?: { message: string };
      response?: { result?: { rows?: { value?: unknown }[][] } };
    }[];
  };
  const [first] = results;
  return {
    status: response.status,
    rows: (first?.response?.result?.rows ?? []).map((row) => row.map((cell) => cell.value ?? null)),
    error: first?.error?.message ?? null,
  };
}

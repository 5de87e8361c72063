import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PageData } from '../report/page-data.js';
import { type ReportOptions, renderReport } from '../report/report-page.js';
import { toPageData } from '../report/to-page-data.js';
import type { Comparison } from '../types.js';
import type { LiveAnswer } from './ask-stores.js';

/** A question typed into the live box. */
export interface LiveQuestion {
  readonly library: string;
  readonly version: string;
  readonly text: string;
}

/** Options of {@link serveReport}. */
export interface ServeOptions extends Pick<ReportOptions, 'checks'> {
  /** Answers a question of the live box; see {@link askStores}. */
  readonly ask: (question: LiveQuestion) => Promise<LiveAnswer>;
  /** Port on loopback. Default: a free one. */
  readonly port?: number | undefined;
}

/** A report that is being served. */
export interface ServedReport {
  readonly url: string;
  /** Stops serving and drops connections. */
  close(): Promise<void>;
}

const BODY_MAX = 64 * 1024;
const EXCERPT_LENGTH = 260;

/** An answer that is not 200. */
class HttpProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Serves a report with its live box on 127.0.0.1. Requests under another host name, which a page elsewhere can bind to
 * this address, and questions from another origin are refused.
 */
export async function serveReport(
  comparison: Comparison,
  { checks, ask, port = 0 }: ServeOptions,
): Promise<ServedReport> {
  const page = renderReport(comparison, { checks, live: true });
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof HttpProblem ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      send(response, status, 'text/plain; charset=utf-8', `${message}\n`);
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { host = '', origin } = request.headers;
    const own = (server.address() as AddressInfo).port;
    if (host !== `127.0.0.1:${own}` && host !== `localhost:${own}`) {
      throw new HttpProblem(421, 'This server answers to 127.0.0.1 and localhost only.');
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      throw new HttpProblem(403, 'Requests from other origins are refused.');
    }
    const path = (request.url ?? '').split('?')[0];
    if (path === '/' && (request.method === 'GET' || request.method === 'HEAD')) {
      send(response, 200, 'text/html; charset=utf-8', page);
      return;
    }
    if (path !== '/search') throw new HttpProblem(404, 'There is nothing here.');
    if (request.method !== 'POST') throw new HttpProblem(405, 'Questions are sent by POST.');
    if (origin === undefined) throw new HttpProblem(403, 'Requests without an origin are refused.');
    const question = readQuestion(await readBody(request));
    const { answers, chunks } = await ask(question);
    const query = { ...question, limit: 0, intent: null, answers, pairs: [] };
    const shown = toPageData({ stores: comparison.stores, queries: [query], chunks }, EXCERPT_LENGTH);
    const body: Pick<PageData, 'chunks'> & Pick<PageData['queries'][number], 'answers'> = {
      answers: shown.queries[0]?.answers ?? [],
      chunks: shown.chunks,
    };
    send(response, 200, 'application/json', JSON.stringify(body));
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > BODY_MAX) throw new HttpProblem(413, 'The question is too long.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function readQuestion(body: string): LiveQuestion {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new HttpProblem(400, 'The question is not JSON.');
  }
  const { library, version, text } = (value ?? {}) as Record<string, unknown>;
  if (typeof library !== 'string' || typeof version !== 'string' || typeof text !== 'string') {
    throw new HttpProblem(400, 'A question is { library, version, text }.');
  }
  return { library, version, text };
}

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly model: string;
    readonly input: readonly string[];
    readonly dimensions?: number;
    readonly encoding_format: string;
  };
  /** Time of arrival in milliseconds since the epoch. */
  readonly at: number;
}

export type Answer = (request: SeenRequest, response: ServerResponse, number: number) => void;

/** Starts a real HTTP server that answers as the test specifies and records its requests. */
export async function startServer(answer: Answer) {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as SeenRequest['body'];
      const entry = { url: request.url ?? '', headers: request.headers, body, at: Date.now() };
      seen.push(entry);
      answer(entry, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Returns a distinct vector for each text, derived from its length and first character. */
export function vectorOf(text: string, dimension = 3): number[] {
  return Array.from({ length: dimension }, (_, i) => text.length + (text.codePointAt(0) ?? 0) / 256 + i);
}

/** Answers like OpenAI. */
export const answerProperly: Answer = ({ body }, response) => {
  const data = body.input.map((text, index) => {
    const vector = vectorOf(text, body.dimensions);
    const base64 = Buffer.from(Float32Array.from(vector).buffer).toString('base64');
    return { object: 'embedding', index, embedding: body.encoding_format === 'base64' ? base64 : vector };
  });
  json(response, 200, { object: 'list', data, model: body.model });
};

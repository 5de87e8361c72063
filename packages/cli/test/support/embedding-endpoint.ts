import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Components of the vectors that {@link EmbeddingEndpoint} gives. */
export const endpointDimension = 4;

/**
 * An OpenAI-compatible endpoint on loopback: the network boundary, so that a test decides when the model answers. The
 * vector of a text is made of its length and its letters.
 */
export class EmbeddingEndpoint {
  readonly #server: Server;
  readonly #held: ServerResponse[] = [];
  #texts: string[] = [];
  #answers = Number.POSITIVE_INFINITY;
  #onHeld: (() => void) | undefined;
  #failure: number | undefined;
  #maxCharacters = Number.POSITIVE_INFINITY;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => this.#answer(JSON.parse(body) as { input: string[] }, response));
    });
  }

  static async start(): Promise<EmbeddingEndpoint> {
    const endpoint = new EmbeddingEndpoint();
    await new Promise<void>((resolve) => endpoint.#server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  /** Environment with which the command reaches it. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'SECRET' };
  }

  /** The texts that were asked for since the last call of this. */
  takeTexts(): string[] {
    const texts = this.#texts;
    this.#texts = [];
    return texts;
  }

  /** Answers this many requests and holds the next one. @returns A promise that resolves when it arrives. */
  holdAfter(answers: number): Promise<void> {
    this.#answers = answers;
    return new Promise((resolve) => {
      this.#onHeld = resolve;
    });
  }

  /** Answers every request from now on. */
  release(): void {
    this.#answers = Number.POSITIVE_INFINITY;
    this.#failure = undefined;
  }

  /** Refuses every request with this status. */
  fail(status: number): void {
    this.#failure = status;
  }

  /** Refuses texts of more characters, as a model with that context length does. */
  limit(maxCharacters: number): void {
    this.#maxCharacters = maxCharacters;
  }

  async stop(): Promise<void> {
    for (const response of this.#held) response.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer({ input }: { input: string[] }, response: ServerResponse): void {
    if (this.#failure !== undefined) {
      response.writeHead(this.#failure, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: 'The key is not valid.' } }));
      return;
    }
    if (input.some(({ length }) => length > this.#maxCharacters)) {
      this.#texts.push(...input);
      response.writeHead(400, { 'content-type': 'application/json' });
      const message = `This model's maximum context length is ${this.#maxCharacters} tokens.`;
      response.end(JSON.stringify({ error: { message, code: 'context_length_exceeded' } }));
      return;
    }
    if (this.#answers <= 0) {
      this.#held.push(response);
      this.#onHeld?.();
      return;
    }
    this.#answers -= 1;
    this.#texts.push(...input);
    const data = input.map((text, index) => ({ index, embedding: vectorOf(text) }));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data }));
  }
}

function vectorOf(text: string): number[] {
  const vector = new Array<number>(endpointDimension).fill(1);
  for (let i = 0; i < text.length; i++) {
    const at = i % endpointDimension;
    vector[at] = ((vector[at] ?? 0) * 31 + text.charCodeAt(i)) % 997;
  }
  return vector;
}

/** Questions that a user might ask about one of the packages. */
export interface Question {
  readonly library: string;
  readonly text: string;
}

export const questions: readonly Question[] = [
  { library: 'fastify', text: 'How do I register a plugin?' },
  { library: 'fastify', text: 'How can I validate the body of a request?' },
  { library: 'fastify', text: 'Which hook runs before the handler?' },
  { library: 'fastify', text: 'close the server gracefully' },
  { library: 'fastify', text: 'custom error handler' },
  { library: 'undici', text: 'How do I send requests through a proxy?' },
  { library: 'undici', text: 'How can I mock a request in my tests?' },
  { library: 'undici', text: 'limit the number of connections of a pool' },
  { library: 'undici', text: 'retry requests automatically with RetryAgent' },
  { library: 'pino', text: 'redact passwords' },
  { library: 'pino', text: 'log in another thread with a transport' },
  { library: 'pino', text: 'child logger with additional fields' },
];

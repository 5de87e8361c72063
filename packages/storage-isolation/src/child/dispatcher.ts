import type { MigrateOptions, StorageBackend } from '@switchyard/storage-core';
import { type BackendDefinition, requireContract } from '@switchyard/storage-core/backend';
import { receiveConnection } from '../protocol/connection.js';
import { receiveError, sendError } from '../protocol/errors.js';
import type {
  CallMessage,
  OpenMessage,
  SentReference,
  ToChild,
  ToHost,
  TokenMessage,
} from '../protocol/messages.js';
import { methodInfo } from '../protocol/methods.js';

/** Creates the backend, runs incoming calls and sends the answers. Calls start on arrival, in order, without queuing. */
export class Dispatcher {
  readonly #send: (message: ToHost) => void;
  readonly #running = new Map<number, AbortController>();
  #backend: StorageBackend | null = null;
  #tokenWanted: ((answer: TokenMessage) => void) | null = null;

  constructor(send: (message: ToHost) => void) {
    this.#send = send;
  }

  async receive(message: ToChild): Promise<void> {
    switch (message.type) {
      case 'open':
        return this.#open(message);
      case 'call':
        return this.#call(message);
      case 'cancel':
        this.#running.get(message.id)?.abort();
        return;
      case 'close':
        return this.#close();
      case 'token':
        this.#tokenWanted?.(message);
        return;
    }
  }

  async #open({ reference, connection, createOptions, asksForToken, deadline }: OpenMessage): Promise<void> {
    try {
      const definition = await findDefinition(reference);
      const backend = definition.create(receiveConnection(connection), {
        ...createOptions,
        ...(asksForToken ? { authToken: () => this.#askForToken() } : {}),
      });
      requireContract(backend);
      await backend.open({ deadline });
      this.#backend = backend;
      const { name, capabilities } = backend;
      const holdsStore = connection.location.type !== 'file' || (await hasSchema(backend, deadline));
      this.#send({ type: 'opened', name, capabilities, holdsStore });
    } catch (error) {
      this.#send({ type: 'failure', id: 0, error: sendError(error) });
    }
  }

  /** Requests a token from the host. The backend makes one request at a time. */
  async #askForToken(): Promise<string> {
    const answer = await new Promise<TokenMessage>((resolve) => {
      this.#tokenWanted = resolve;
      this.#send({ type: 'want-token' });
    });
    if ('error' in answer) throw receiveError(answer.error);
    return answer.token;
  }

  async #call(message: CallMessage): Promise<void> {
    const { id } = message;
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const value = await this.#invoke(message, controller.signal);
      this.#send({ type: 'result', id, value });
    } catch (error) {
      this.#send({ type: 'failure', id, error: sendError(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  async #invoke({ id, method, args, options, progress }: CallMessage, signal: AbortSignal): Promise<unknown> {
    if (this.#backend === null) throw new TypeError('The backend in the child process is not open.');
    const callOptions: MigrateOptions = {
      ...options,
      signal,
      ...(progress ? { onProgress: (step) => this.#send({ type: 'progress', id, progress: step }) } : {}),
    };
    const path = method.split('.');
    const name = path.pop() as string;
    const port = path.reduce<object>((at, key) => Reflect.get(at, key) as object, this.#backend);
    const target = Reflect.get(port, name) as (...args: unknown[]) => unknown;
    const { arity } = methodInfo(method);
    return Reflect.apply(target, port, [
      ...Array.from({ length: arity }, (_, index) => args[index]),
      callOptions,
    ]);
  }

  async #close(): Promise<void> {
    let error = null;
    try {
      await this.#backend?.close();
      this.#backend = null; // this process may be reused for another store
    } catch (thrown) {
      error = sendError(thrown);
    }
    this.#send({ type: 'closed', error });
  }
}

/** Checks for a store. True if the backend cannot tell, so that a store is never recreated behind the caller's back. */
async function hasSchema({ migrator }: StorageBackend, deadline: number): Promise<boolean> {
  try {
    return (await migrator.status({ deadline })).state !== 'empty';
  } catch {
    return true;
  }
}

async function findDefinition({ module, exportName }: SentReference): Promise<BackendDefinition> {
  const exports = (await import(module)) as Readonly<Record<string, unknown>>;
  const definition = exports[exportName] as BackendDefinition | undefined;
  if (typeof definition?.create !== 'function') {
    throw new TypeError(`The module does not export a backend definition named '${exportName}'.`);
  }
  return definition;
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findSqld, sqldHint } from '../binary/find.js';
import type { SqldOptions, SqldServer } from './options.js';
import { freePort } from './port.js';
import { SqldProcess } from './process.js';
import { Watchdog } from './watchdog.js';

/** Maximum number of free ports to try, in case another process takes one first. */
const MAX_PORT_ATTEMPTS = 5;

/**
 * Starts a server on 127.0.0.1 and waits until it answers. The server never outlives this process and does not keep it
 * alive.
 *
 * @throws Error if there is no binary; if the server does not start, the error contains its output.
 */
export async function startSqld(options: SqldOptions = {}): Promise<SqldServer> {
  const binary = findSqld(options.binary);
  if (binary === null) throw new Error(sqldHint());
  const temporary =
    options.directory === undefined ? await mkdtemp(join(tmpdir(), 'switchyard-sqld-')) : null;
  const directory = resolve(options.directory ?? temporary ?? '.');
  const watchdog = new Watchdog(temporary);
  try {
    await mkdir(directory, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const place: Place = {
        binary,
        directory,
        temporary,
        port: options.port ?? (await freePort()),
        grpcPort: options.grpc === true ? await freePort() : null,
      };
      const server = new Server(place, options, watchdog);
      try {
        await server.start();
        return server;
      } catch (error) {
        const taken = error instanceof Error && /address (already )?in use/i.test(error.message);
        if (!taken || options.port !== undefined || attempt === MAX_PORT_ATTEMPTS) throw error;
      }
    }
  } catch (error) {
    watchdog.dismiss();
    if (temporary !== null) await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Values that stay the same across restarts. */
interface Place {
  readonly binary: string;
  readonly directory: string;
  readonly temporary: string | null;
  readonly port: number;
  readonly grpcPort: number | null;
}

class Server implements SqldServer {
  readonly url: string;
  readonly port: number;
  readonly grpcUrl: string | null;
  readonly directory: string;
  readonly databaseFile: string;
  readonly #place: Place;
  readonly #options: SqldOptions;
  readonly #watchdog: Watchdog;
  #process: SqldProcess | null = null;
  #stopped: Promise<void> | null = null;

  constructor(place: Place, options: SqldOptions, watchdog: Watchdog) {
    this.port = place.port;
    this.url = `http://127.0.0.1:${place.port}`;
    this.grpcUrl = place.grpcPort === null ? null : `http://127.0.0.1:${place.grpcPort}`;
    this.directory = place.directory;
    this.databaseFile = join(place.directory, 'dbs', 'default', 'data');
    this.#place = place;
    this.#options = options;
    this.#watchdog = watchdog;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get log(): string {
    return this.#process?.log ?? '';
  }

  async start(): Promise<void> {
    const { binary, directory } = this.#place;
    const started = new SqldProcess(binary, await this.#arguments(), directory);
    this.#process = started;
    this.#watchdog.watch(started.pid);
    // The operating system may reuse the pid once the process has ended.
    void started.ended.then(() => this.#process === started && this.#watchdog.watch(null));
    try {
      await started.ready(this.url, this.#options.startTimeoutMs ?? 30_000);
    } catch (error) {
      await started.kill();
      throw error;
    }
  }

  async #arguments(): Promise<string[]> {
    const { directory, port, grpcPort } = this.#place;
    const { jwtPublicKey, primaryGrpcUrl, maxResponseSize, extraArguments = [] } = this.#options;
    const args = ['--db-path', directory, '--http-listen-addr', `127.0.0.1:${port}`, '--no-welcome'];
    if (grpcPort !== null) args.push('--grpc-listen-addr', `127.0.0.1:${grpcPort}`);
    if (primaryGrpcUrl !== undefined) args.push('--primary-grpc-url', primaryGrpcUrl);
    if (maxResponseSize !== undefined) args.push('--max-response-size', maxResponseSize);
    if (jwtPublicKey !== undefined) {
      const file = join(directory, 'jwt-public-key');
      await writeFile(file, jwtPublicKey);
      args.push('--auth-jwt-key-file', file);
    }
    return [...args, ...extraArguments];
  }

  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      const { temporary } = this.#place;
      // Data that is deleted anyway needs no graceful shutdown, which may take seconds.
      if (temporary === null) await this.#process?.shutDown();
      else await this.kill();
      this.#watchdog.dismiss();
      if (temporary !== null) await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
    })();
    return this.#stopped;
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async pause(): Promise<void> {
    await this.#process?.pause();
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  async restart(): Promise<void> {
    if (this.#stopped !== null) throw new Error('The server was stopped for good; start a new one.');
    await this.#process?.shutDown();
    await this.start();
  }
}

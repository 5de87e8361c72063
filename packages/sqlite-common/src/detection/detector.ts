import { type ChildProcess, spawn } from 'node:child_process';
import { env, execPath, platform } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Answer, FileFacts, Question } from './messages.js';

const program = fileURLToPath(new URL('./main.js', import.meta.url));

/** Idle time in milliseconds after which the process is stopped. */
const IDLE_MS = 5_000;

/** Maximum number of processes started per request; something else may kill one. */
const MAX_ATTEMPTS = 2;

interface Pending {
  readonly path: string;
  readonly attempt: number;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * Reads files in a separate process, never in this one.
 *
 * On POSIX systems, Linux and macOS included, closing any descriptor of a file drops all locks (fcntl) that the process
 * holds on it. Reading a database with `node:fs` while this process has it open through SQLite would let another
 * process believe it is the last user and delete the WAL that is still being written: acknowledged writes would be lost
 * without an error. Descriptors opened and closed by a child process do not affect the locks of its parent. Windows has
 * no such locks, but takes the same path, so that there is only one.
 *
 * The process is started by the first request and kept until it has been idle for some seconds. It does not keep this
 * process alive, exits with it in every case (its input closes), and gets no environment.
 */
export class Detector {
  #child: ChildProcess | null = null;
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;
  readonly #pending = new Map<number, Pending>();

  /**
   * Reads what an absolute path contains.
   *
   * @throws Error with the `code` of the file system, or of the failed start of the process.
   */
  async ask(path: string): Promise<FileFacts> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#send({ path, attempt: 1, resolve, reject });
    });
    if ('facts' in answer) return answer.facts;
    const { code, message } = answer.failure;
    throw Object.assign(new Error(message), code === null ? {} : { code });
  }

  #send(pending: Pending): void {
    clearTimeout(this.#idle);
    const id = ++this.#lastId;
    this.#pending.set(id, pending);
    try {
      this.#child ??= this.#start();
    } catch (error) {
      this.#pending.delete(id);
      pending.reject(error as Error);
      return;
    }
    this.#hold(this.#child, true);
    const question: Question = { id, path: pending.path };
    if (this.#child.pid !== undefined) this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
  }

  #start(): ChildProcess {
    const child = spawn(execPath, [program], {
      env: childEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
      // A Ctrl-C in a terminal reaches all processes of a group. On Windows, `detached` would open a window.
      detached: platform !== 'win32',
      windowsHide: true,
    });
    child.once('error', (error) => this.#onEnd(child, error));
    child.once('exit', () => this.#onEnd(child, new Error('The process that reads files ended.')));
    if (child.pid === undefined) return child; // the error comes in the next turn; there may be no pipes
    child.stdin?.on('error', () => undefined); // fails when the process exits, which is handled above
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) =>
        this.#onAnswer(JSON.parse(line) as Answer),
      );
    }
    return child;
  }

  #onAnswer(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0 && this.#child !== null) {
      this.#hold(this.#child, false);
      this.#idle = setTimeout(() => this.#stop(), IDLE_MS).unref();
    }
    pending?.resolve(answer);
  }

  #stop(): void {
    const child = this.#child;
    this.#child = null;
    child?.stdin?.end();
  }

  #onEnd(child: ChildProcess, error: Error): void {
    if (child !== this.#child) return;
    this.#child = null;
    const unanswered = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of unanswered) {
      // A process that could not be started will not start a moment later either.
      if (pending.attempt >= MAX_ATTEMPTS || 'code' in error) pending.reject(error);
      else this.#send({ ...pending, attempt: pending.attempt + 1 });
    }
  }

  /** Keeps this process alive while a request is pending, and only then. */
  #hold(child: ChildProcess, alive: boolean): void {
    if (child.pid === undefined) return;
    // In Bun the pipes have neither, and keep this process alive until the idle child is stopped.
    const sockets = [child.stdin, child.stdout] as unknown as ({ ref?(): void; unref?(): void } | null)[];
    for (const handle of [child, ...sockets]) {
      if (alive) handle?.ref?.();
      else handle?.unref?.();
    }
  }
}

/** Electron runs as Node only with ELECTRON_RUN_AS_NODE; Windows starts no process without SYSTEMROOT. No secrets. */
function childEnvironment(): NodeJS.ProcessEnv {
  const kept = ['SystemRoot', 'SYSTEMROOT', 'windir'].flatMap((name) =>
    env[name] === undefined ? [] : [[name, env[name]] as const],
  );
  return { ELECTRON_RUN_AS_NODE: '1', ...Object.fromEntries(kept) };
}

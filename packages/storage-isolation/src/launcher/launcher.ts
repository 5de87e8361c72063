import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './environment.js';
import type { FromLauncher, ToLauncher } from './messages.js';
import { type ChildEnd, ownGroup, type Spawned, type SpawnRequest } from './spawn.js';

const program = fileURLToPath(new URL('./main.js', import.meta.url));

/** Host-side state of a child that the launcher started. */
interface LaunchedChild {
  pid: number | null;
  onStderr(text: string): void;
  onPipe(pipe: Socket | null): void;
  onEnd(end: ChildEnd): void;
}

/**
 * A small process that starts children on behalf of this one and hands over their pipes. Forking blocks the event loop
 * while the kernel copies the page tables of this process; in an application of several hundred megabytes, callers
 * would notice that in the middle of a failure. The launcher stays small.
 */
export class Launcher {
  readonly #process: ChildProcess;
  readonly #children = new Map<number, LaunchedChild>();
  #lastId = 0;
  #isUp = true;

  constructor() {
    this.#process = fork(program, [], {
      serialization: 'advanced',
      execArgv: [],
      env: childEnvironment(),
      detached: ownGroup,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.unref();
    this.#process.channel?.unref();
    this.#process.on('message', (message: FromLauncher, pipe) =>
      this.#onMessage(message, pipe as Socket | undefined),
    );
    this.#process.on('error', () => this.#onEnd());
    this.#process.on('exit', () => this.#onEnd());
    this.#process.on('disconnect', () => this.#onEnd());
  }

  /** True while it can start processes. When the launcher ends, so do the processes it started. */
  get isUp(): boolean {
    return this.#isUp;
  }

  get pid(): number | null {
    return this.#isUp ? (this.#process.pid ?? null) : null;
  }

  spawn(request: SpawnRequest, onStderr: (text: string) => void): Spawned {
    const id = ++this.#lastId;
    const child: LaunchedChild = { pid: null, onStderr, onPipe: () => undefined, onEnd: () => undefined };
    this.#children.set(id, child);
    const spawned: Spawned = {
      get pid() {
        return child.pid;
      },
      pipe: new Promise((resolve) => {
        child.onPipe = resolve;
      }),
      ended: new Promise((resolve) => {
        child.onEnd = resolve;
      }),
      isLaunched: true,
      kill: () => this.#tell({ type: 'kill', id }),
    };
    this.#tell({ type: 'spawn', id, request });
    return spawned;
  }

  stop(): void {
    this.#process.kill('SIGKILL');
    this.#onEnd();
  }

  #tell(message: ToLauncher): void {
    if (this.#process.connected)
      this.#process.send(message, () => undefined); // 'exit' and 'disconnect' report the launcher's end
    else this.#onEnd();
  }

  #onMessage(message: FromLauncher, pipe: Socket | undefined): void {
    const child = this.#children.get(message.id);
    if (child === undefined) {
      pipe?.destroy();
      return;
    }
    switch (message.type) {
      case 'spawned':
        child.pid = message.pid;
        pipe?.unref();
        child.onPipe(pipe ?? null);
        return;
      case 'stderr':
        child.onStderr(message.text);
        return;
      case 'ended':
        this.#children.delete(message.id);
        child.onEnd(message.end);
    }
  }

  #onEnd(): void {
    this.#isUp = false;
    for (const child of this.#children.values()) {
      child.onPipe(null);
      child.onEnd({ exitCode: null, signal: 'SIGKILL', failure: null });
    }
    this.#children.clear();
  }
}

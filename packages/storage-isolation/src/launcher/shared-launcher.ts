import { platform } from 'node:process';
import { Launcher } from './launcher.js';
import { type Spawned, type SpawnRequest, spawnChild } from './spawn.js';

/** Windows cannot hand a pipe from one process to another. */
const canHandOver = platform !== 'win32';

let launcher: Launcher | null = null;
let users = 0;

/** One backend's share of the launcher that all backends of this process have in common. */
export class LauncherShare {
  #timer: NodeJS.Timeout | null = null;
  #holds = false;

  /**
   * From now on processes are started by the launcher, as soon as it is there.
   *
   * @param delayMs Programs that end sooner do without it.
   */
  acquire(delayMs: number): void {
    if (!canHandOver || this.#holds) return;
    this.#holds = true;
    users++;
    this.#timer = setTimeout(() => {
      if (launcher?.isUp !== true) launcher = new Launcher();
    }, delayMs);
    this.#timer.unref();
  }

  /** The last share that is released ends the launcher. */
  release(): void {
    if (!this.#holds) return;
    this.#holds = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    users--;
    if (users > 0) return;
    launcher?.stop();
    launcher = null;
  }

  get pid(): number | null {
    return launcher?.pid ?? null;
  }

  spawn(request: SpawnRequest, onStderr: (text: string) => void): Spawned {
    if (!this.#holds || launcher === null) return spawnChild(request, onStderr);
    if (!launcher.isUp) launcher = new Launcher();
    return launcher.spawn(request, onStderr);
  }
}

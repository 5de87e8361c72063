import { platform } from 'node:process';
import { Launcher } from './launcher.js';
import { type Spawned, type SpawnRequest, spawnChild } from './spawn.js';

/** False on Windows, where a pipe cannot be handed to another process. */
const canHandOver = platform !== 'win32';

let launcher: Launcher | null = null;
let users = 0;

/** One backend's share in the launcher, which all isolated backends of this process use together. */
export class LauncherShare {
  #timer: NodeJS.Timeout | null = null;
  #holds = false;

  /**
   * Starts the launcher after a delay; from then on it starts this backend's processes.
   *
   * @param delayMs Delay in milliseconds. Programs that end sooner never start a launcher.
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

  /** Releases this share. Releasing the last one stops the launcher. */
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

import type { Spawned } from '../launcher/spawn.js';
import type { Channel } from '../protocol/channel.js';
import type { ToChild, ToHost } from '../protocol/messages.js';

/** The current listeners of a child process. */
export interface Link {
  onMessage: (message: ToHost) => void;
  onClose: () => void;
  onStderr: (text: string) => void;
}

/** A running process and the channel to it. */
export interface Running {
  readonly spawned: Spawned;
  readonly channel: Channel<ToChild, ToHost>;
  readonly link: Link;
}

/** Processes whose store was closed and that the next store may reuse; see `IsolationOptions.keepChild`. */
const idle = new Map<string, Running>();

/**
 * Keeps an idle process for reuse, one per key.
 *
 * @returns false if the key already has one.
 */
export function offerForReuse(key: string, running: Running): boolean {
  if (idle.has(key)) return false;
  const forget = () => {
    if (idle.get(key) === running) idle.delete(key);
  };
  running.link.onMessage = () => undefined;
  running.link.onClose = () => {
    forget();
    running.spawned.kill();
  };
  running.link.onStderr = () => undefined;
  void running.spawned.ended.then(forget);
  idle.set(key, running);
  return true;
}

/** Takes an idle process that still runs, if there is one. The taker must replace its listeners. */
export function takeForReuse(key: string): Running | null {
  const running = idle.get(key) ?? null;
  idle.delete(key);
  return running !== null && isRunning(running.spawned.pid) ? running : null;
}

/** False once a process has ended and was reaped, which may be turns of the event loop before its pipe closes. */
function isRunning(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch {
    return false;
  }
}

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

/** Maximum number of idle processes per key: two stores are often open at the same time, as when one is copied. */
const MAX_IDLE = 2;

/** Processes whose store was closed and that the next store may reuse; see `IsolationOptions.keepChild`. */
const idle = new Map<string, Running[]>();

/**
 * Keeps an idle process for reuse.
 *
 * @returns false if the key already has as many as are kept.
 */
export function offerForReuse(key: string, running: Running): boolean {
  const kept = idle.get(key) ?? [];
  if (kept.length >= MAX_IDLE) return false;
  const forget = () => {
    const place = kept.indexOf(running);
    if (place !== -1) kept.splice(place, 1);
  };
  running.link.onMessage = () => undefined;
  running.link.onClose = () => {
    forget();
    running.spawned.kill();
  };
  running.link.onStderr = () => undefined;
  void running.spawned.ended.then(forget);
  kept.push(running);
  idle.set(key, kept);
  return true;
}

/** Takes an idle process that still runs, if there is one. The taker must replace its listeners. */
export function takeForReuse(key: string): Running | null {
  const kept = idle.get(key) ?? [];
  for (let running = kept.pop(); running !== undefined; running = kept.pop()) {
    if (isRunning(running.spawned.pid)) return running;
  }
  return null;
}

/** False once a process has ended and was reaped, which may be turns of the event loop before its pipe closes. */
function isRunning(pid: number | null): boolean {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch {
    return false;
  }
}

import type { Spawned } from '../launcher/spawn.js';
import type { Channel } from '../protocol/channel.js';
import type { ToChild, ToHost } from '../protocol/messages.js';

/** Who listens to a child process at the moment. */
export interface Link {
  onMessage: (message: ToHost) => void;
  onClose: () => void;
  onStderr: (text: string) => void;
}

/** A process that runs, with the channel to it. */
export interface Running {
  readonly spawned: Spawned;
  readonly channel: Channel<ToChild, ToHost>;
  readonly link: Link;
}

/** Processes whose store was closed, for the next one to be opened: see `IsolationOptions.keepChild`. */
const idle = new Map<string, Running>();

/** Keeps a process, one for each way of starting one. @returns false when there is one already. */
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

/** A process that was kept; whoever takes it listens to it. */
export function takeForReuse(key: string): Running | null {
  const running = idle.get(key) ?? null;
  idle.delete(key);
  return running;
}

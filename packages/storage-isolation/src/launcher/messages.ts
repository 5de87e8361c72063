import type { ChildEnd, SpawnRequest } from './spawn.js';

/** Messages from the host to the launcher. The host assigns the ids. */
export type ToLauncher =
  | { readonly type: 'spawn'; readonly id: number; readonly request: SpawnRequest }
  | { readonly type: 'kill'; readonly id: number };

/** Messages from the launcher to the host. `spawned` carries the pipe to the child. */
export type FromLauncher =
  | { readonly type: 'spawned'; readonly id: number; readonly pid: number | null }
  | { readonly type: 'stderr'; readonly id: number; readonly text: string }
  | { readonly type: 'ended'; readonly id: number; readonly end: ChildEnd };

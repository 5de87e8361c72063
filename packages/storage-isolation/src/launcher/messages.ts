import type { ChildEnd, SpawnRequest } from './spawn.js';

/** What the host tells the launcher. Ids are the host's. */
export type ToLauncher =
  | { readonly type: 'spawn'; readonly id: number; readonly request: SpawnRequest }
  | { readonly type: 'kill'; readonly id: number };

/** What the launcher tells the host. `spawned` brings the pipe to the child with it. */
export type FromLauncher =
  | { readonly type: 'spawned'; readonly id: number; readonly pid: number | null }
  | { readonly type: 'stderr'; readonly id: number; readonly text: string }
  | { readonly type: 'ended'; readonly id: number; readonly end: ChildEnd };

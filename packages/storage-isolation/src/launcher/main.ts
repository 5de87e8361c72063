import type { FromLauncher, ToLauncher } from './messages.js';
import { type Spawned, type SpawnRequest, spawnChild } from './spawn.js';

/** Entry point of the launcher process (see `Launcher`). It ends with the host, and its children end with it. */

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));

const children = new Map<number, Spawned>();
const tell = (message: FromLauncher) => void process.send?.(message);

async function start(id: number, request: SpawnRequest): Promise<void> {
  const child = spawnChild(request, (text) => tell({ type: 'stderr', id, text }));
  children.set(id, child);
  const pipe = await child.pipe;
  process.send?.({ type: 'spawned', id, pid: child.pid } satisfies FromLauncher, pipe ?? undefined);
  const end = await child.ended;
  children.delete(id);
  tell({ type: 'ended', id, end });
}

process.on('message', (message: ToLauncher) => {
  if (message.type === 'kill') children.get(message.id)?.kill();
  else void start(message.id, message.request);
});

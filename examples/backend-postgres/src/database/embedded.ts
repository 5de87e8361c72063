import { existsSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type pg from 'pg';
import { createPool, type Database } from './database.js';
import { claimFolder } from './folder-claim.js';
import { PgliteStream } from './pglite-stream.js';

/** A running PGlite. */
interface Running {
  readonly pool: pg.Pool;
  readonly stop: () => Promise<void>;
}

/** A PGlite and the number of databases that use it. */
interface Shared {
  readonly running: Promise<Running>;
  users: number;
}

/** Databases in folders: two PGlites in one folder would destroy it. */
const running = new Map<string, Shared>();
/** Ends of databases in folders that are being closed. */
const stopping = new Map<string, Promise<void>>();

/** Returns a PostgreSQL that runs in this process, in a folder or, for null, in memory until it is closed. */
export function embeddedDatabase(folder: string | null): Database {
  const path = folder === null ? null : realFolder(folder);
  let own: Shared | null = null;
  const close = async () => {
    const released = own;
    own = null;
    if (released === null) return;
    released.users -= 1;
    if (released.users > 0) return;
    const stopped = released.running.then(({ stop }) => stop());
    if (path !== null) {
      running.delete(path);
      const ended = stopped.catch(() => undefined).then(() => void stopping.delete(path));
      stopping.set(path, ended);
    }
    await stopped;
  };
  return {
    isEmbedded: true,
    async pool(create) {
      if (own === null) {
        if (!create && (path === null || !isDatabase(path))) return null;
        own = share(path);
      }
      const used = own;
      try {
        return (await used.running).pool;
      } catch (error) {
        if (own === used) await close().catch(() => undefined); // the next call tries again
        throw error;
      }
    },
    close,
  };
}

/** Returns the PGlite of a folder, and starts it unless it runs. */
function share(path: string | null): Shared {
  const known = path === null ? undefined : running.get(path);
  if (known !== undefined) {
    known.users += 1;
    return known;
  }
  const shared = { running: start(path), users: 1 };
  if (path !== null) running.set(path, shared);
  return shared;
}

async function start(path: string | null): Promise<Running> {
  if (path !== null) {
    await stopping.get(path);
    await mkdir(dirname(path), { recursive: true });
  }
  const release = path === null ? async () => undefined : await claimFolder(path);
  try {
    const pglite = await PGlite.create({
      ...(path === null ? {} : { dataDir: path }),
      extensions: { vector },
    });
    const pool = embeddedPool(pglite);
    const stop = async () => {
      try {
        await pool.end();
      } finally {
        await pglite.close();
      }
      // Not after a failure: the folder may still be in use.
      await release();
    };
    return { pool, stop };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Returns the pool of a PGlite. It has one connection, and a pool makes calls wait for it. */
export function embeddedPool(pglite: PGlite): pg.Pool {
  return createPool({
    stream: () => new PgliteStream(pglite),
    user: 'postgres',
    database: 'postgres',
    max: 1,
    idleTimeoutMillis: 0,
  });
}

/** Returns one path for a folder, whatever links lead to it. It or its parent may not exist yet. */
function realFolder(folder: string): string {
  const path = resolve(folder);
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return existsSync(parent) ? join(realpathSync(parent), basename(path)) : path;
}

function isDatabase(path: string): boolean {
  return existsSync(join(path, 'PG_VERSION'));
}

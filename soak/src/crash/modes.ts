import { join } from 'node:path';
import { createJwtKeys, type SqldServer, startSqld } from '@switchyard/sqld';

/** Tested ways of storing data. */
export const MODES = [
  'file',
  'isolated',
  'readers',
  'legacy', // @legacy
  'sqld',
  'sqld-jwt',
  'replica',
] as const;
export type Mode = (typeof MODES)[number];

/** Relative frequency of each mode. */
export const MODE_WEIGHTS: Readonly<Record<Mode, number>> = {
  file: 5,
  isolated: 3,
  readers: 3,
  legacy: 4, // @legacy
  sqld: 3,
  'sqld-jwt': 2,
  replica: 2,
};

/** Returns true if a mode needs the server. */
export function needsServer(mode: Mode): boolean {
  return mode === 'sqld' || mode === 'sqld-jwt' || mode === 'replica';
}

/** Location of a store and the connections to it. */
export interface Place {
  readonly mode: Mode;
  /** Connection string of the writer. */
  readonly connection: string;
  /** Connection string with which the verifier sees the same store. */
  readonly verification: string;
  readonly token: string | undefined;
  /** File whose image is taken, with its sidecar files. */
  readonly file: string;
  readonly suffixes: readonly string[];
  /** Returns the connection string of an image. */
  image(file: string): string;
  readonly server: SqldServer | null;
}

const LOCAL = ['', '-wal', '-journal'];

/** Creates the location of a store and starts its server. */
export async function createPlace(mode: Mode, folder: string): Promise<Place> {
  const file = join(folder, 'store.db');
  const local = { mode, token: undefined, file, suffixes: LOCAL, server: null };
  switch (mode) {
    case 'file':
      return { ...local, connection: file, verification: file, image: (path) => path };
    case 'isolated':
      return { ...local, connection: `${file}?isolation=process`, verification: file, image: (path) => path };
    case 'readers':
      return { ...local, connection: `${file}?readers=2`, verification: file, image: (path) => path };
    // @legacy-begin
    case 'legacy': {
      const connection = `sqlite-vec:${file}`;
      return { ...local, connection, verification: connection, image: (path) => `sqlite-vec:${path}` };
    }
    // @legacy-end
    case 'sqld':
    case 'sqld-jwt': {
      const keys = mode === 'sqld-jwt' ? createJwtKeys() : null;
      const server = await startSqld({
        directory: join(folder, 'server'),
        ...(keys === null ? {} : { jwtPublicKey: keys.publicKey }),
      });
      return {
        mode,
        connection: server.url,
        verification: `${server.url}?isolation=inline`,
        token: keys?.token(),
        file: server.databaseFile,
        suffixes: LOCAL,
        image: (path) => path,
        server,
      };
    }
    case 'replica': {
      const server = await startSqld({ directory: join(folder, 'server') });
      const replicaOf = (path: string): string => `file:${path}?syncUrl=${encodeURIComponent(server.url)}`;
      return {
        mode,
        connection: replicaOf(file),
        verification: `${replicaOf(file)}&isolation=inline`,
        token: undefined,
        file,
        suffixes: ['', '-wal', '-client_wal_index', '-info'],
        image: (path) => `${replicaOf(path)}&isolation=inline`,
        server,
      };
    }
  }
}

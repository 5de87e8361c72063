import { isStorageError, StorageError } from '@switchyard/storage-core';
import { BACKEND_NAME } from '../capabilities.js';
import { CREATE_EXTENSION, CREATE_STATE, CREATE_TABLES, LOCK_CREATION, SERVER } from '../sql/schema.js';
import type { Query } from './connection.js';
import type { VectorType } from './state.js';

/** Schema level that this backend writes. */
export const LEVEL = 1;

/** Facts about the server. */
interface Server {
  readonly encoding: string;
  /** True if the database has pgvector. */
  readonly installed: boolean;
  /** True if the server has it, so that the database can get it. */
  readonly available: boolean;
}

/** Creates the tables of a store in the current transaction, unless another one has created them. */
export async function createSchema(
  query: Query,
  { usePgvector }: { readonly usePgvector: boolean },
): Promise<void> {
  await query(LOCK_CREATION);
  const [server = { encoding: 'unknown', installed: false, available: false }] = await query<Server>(SERVER);
  if (server.encoding !== 'UTF8') throw wrongEncoding(server.encoding);
  const vectorType = usePgvector ? await pgvector(query, server) : 'real[]';
  await query(CREATE_TABLES(vectorType));
  await query(CREATE_STATE, [LEVEL, vectorType]);
}

/** Returns the type of vectors that the server offers, and makes that of pgvector available. */
async function pgvector(query: Query, { installed, available }: Server): Promise<VectorType> {
  if (installed) return 'vector';
  if (!available) return 'real[]';
  try {
    await query(CREATE_EXTENSION);
    return 'vector';
  } catch (cause) {
    if (!isStorageError(cause, 'STORAGE_PERMISSION_DENIED')) throw cause;
    throw new StorageError(
      'STORAGE_PERMISSION_DENIED',
      'The server has pgvector, but this user may not install it.',
      {
        backend: BACKEND_NAME,
        outcome: 'not-applied',
        advice:
          'Let an administrator run CREATE EXTENSION vector in the database, or open the store with pgvector=false.',
        cause,
      },
    );
  }
}

function wrongEncoding(encoding: string): StorageError {
  return new StorageError('STORAGE_NOT_SUPPORTED', `The database is encoded in ${encoding}, not in UTF-8.`, {
    backend: BACKEND_NAME,
    outcome: 'not-applied',
    advice: 'Create a database with createdb --encoding=UTF8 --template=template0.',
  });
}

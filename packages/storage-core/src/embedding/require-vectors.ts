import { StorageError } from '../errors/storage-error.js';

/**
 * Checks that an embedder, which may be written in plain JavaScript, returned one vector for each text.
 *
 * @throws StorageError `STORAGE_EMBEDDING_FAILED` that describes the returned value.
 */
export function requireVectors(answer: unknown, texts: number): readonly Float32Array[] {
  if (!Array.isArray(answer)) {
    throw failed(
      `The embedder returned ${answer === null ? 'null' : `a value of type ${typeof answer}`} instead of vectors.`,
    );
  }
  if (answer.length !== texts) {
    throw failed(
      `The embedder returned ${answer.length} vectors for ${texts} text${texts === 1 ? '' : 's'}.`,
    );
  }
  const wrong = answer.findIndex((vector) => !(vector instanceof Float32Array));
  if (wrong !== -1)
    throw failed(
      `The embedder returned something other than a Float32Array for text ${wrong + 1} of ${texts}.`,
    );
  return answer as readonly Float32Array[];
}

function failed(message: string): StorageError {
  return new StorageError('STORAGE_EMBEDDING_FAILED', message);
}

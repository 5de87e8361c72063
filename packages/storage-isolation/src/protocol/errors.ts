import { isStorageError, type SerializedStorageError, StorageError } from '@switchyard/storage-core';

/** An error as plain data. */
export type SentError =
  | { readonly kind: 'storage'; readonly error: SerializedStorageError }
  | { readonly kind: 'type' | 'range' | 'other'; readonly name: string; readonly message: string };

/** Serializes a thrown value. */
export function sendError(thrown: unknown): SentError {
  if (isStorageError(thrown)) return { kind: 'storage', error: StorageError.prototype.toJSON.call(thrown) };
  if (!(thrown instanceof Error)) return { kind: 'other', name: 'Error', message: String(thrown) };
  const { name, message } = thrown;
  if (thrown instanceof TypeError) return { kind: 'type', name, message };
  if (thrown instanceof RangeError) return { kind: 'range', name, message };
  return { kind: 'other', name, message };
}

/** Deserializes an error. Classes other than StorageError, TypeError and RangeError become a plain Error. */
export function receiveError(sent: SentError): Error {
  switch (sent.kind) {
    case 'storage':
      return StorageError.fromJSON(sent.error);
    case 'type':
      return new TypeError(sent.message);
    case 'range':
      return new RangeError(sent.message);
    case 'other': {
      const error = new Error(sent.message);
      error.name = sent.name;
      return error;
    }
  }
}

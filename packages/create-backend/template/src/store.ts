import type { EmbeddingProfile } from '@switchyard/storage-core';
import { notWritten } from './not-written.js';

/** Whatever your engine needs to read or write in one transaction, such as a connection or a copy of the tables. */
export type Transaction = object;

/** The open store: your driver goes here. The ports read and write through it. */
export class Store {
  readonly location: string;

  constructor(location: string) {
    this.location = location;
  }

  /**
   * Step 1. Connects, and creates nothing: the first write does. Must release what it acquired if it fails, since it may
   * be called again.
   */
  async open(): Promise<void> {
    // Nothing to connect to yet.
  }

  /** Step 1. Disconnects. No call is in progress. */
  async close(): Promise<void> {
    // Nothing to disconnect from yet.
  }

  /**
   * Step 2. Runs the work in a transaction: all of its writes are stored, or none if it fails. Transactions that overlap
   * must not mix, and no read may see an unfinished one.
   */
  async write<T>(_work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return notWritten('Store.write', 2);
  }

  /** Step 2. Runs the work on a single state of the store, unaffected by concurrent writes. */
  async read<T>(_work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return notWritten('Store.read', 2);
  }

  /** Step 4. Returns model, dimension and metric of the stored vectors; null as long as vectors.reconcile() set none. */
  async profile(_transaction: Transaction): Promise<EmbeddingProfile | null> {
    return null;
  }
}

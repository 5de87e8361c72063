import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readWalIndex } from './wal.js';

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;

/** Pages of a database file as a reader sees them, including committed frames of its WAL. */
export interface PageSource {
  /** Bytes of a page that can hold content. */
  readonly usableSize: number;
  readonly textEncoding: 'utf-8' | 'utf-16le' | 'utf-16be';
  /** @param number 1-based page number. */
  page(number: number): Buffer;
  close(): void;
}

/** Opens the pages of a file; null if it is not a SQLite database. Only reads, and takes no lock. */
export function openPages(path: string): PageSource | null {
  const file = openSync(path, 'r');
  let wal: number | undefined;
  const close = () => {
    closeSync(file);
    if (wal !== undefined) closeSync(wal);
  };
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    if (
      readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES ||
      header.toString('latin1', 0, 16) !== MAGIC
    ) {
      close();
      return null;
    }
    const stored = header.readUInt16BE(16);
    const pageSize = stored === 1 ? 65_536 : stored;
    if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) {
      close();
      return null;
    }
    wal = openIfThere(`${path}-wal`);
    const frames = wal === undefined ? new Map<number, number>() : readWalIndex(wal, pageSize);
    const pages = fstatSync(file).size / pageSize;
    return {
      usableSize: pageSize - header.readUInt8(20),
      textEncoding:
        header.readUInt32BE(56) === 2 ? 'utf-16le' : header.readUInt32BE(56) === 3 ? 'utf-16be' : 'utf-8',
      page(number) {
        const frame = frames.get(number);
        if (frame === undefined && (number < 1 || number > pages)) {
          throw new RangeError(`The file refers to page ${number}, which does not exist.`);
        }
        const page = Buffer.alloc(pageSize);
        if (frame !== undefined && wal !== undefined) readSync(wal, page, 0, pageSize, frame);
        else readSync(file, page, 0, pageSize, (number - 1) * pageSize);
        return page;
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

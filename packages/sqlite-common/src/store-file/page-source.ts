import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The pages of a database file as a reader would see them: those of the write-ahead log before those of the file. */
export interface PageSource {
  readonly pageSize: number;
  /** The bytes of a page, numbered from 1; undefined when the file does not have it. */
  page(number: number): Buffer | undefined;
  close(): void;
}

const FILE_HEADER_BYTES = 100;
const WAL_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** Opens the pages for reading. Touches nothing: no lock, no `-shm`, no recovery. */
export function openPages(path: string): PageSource {
  const file = openSync(path, 'r');
  let wal: number | undefined;
  try {
    const header = readBytes(file, 0, FILE_HEADER_BYTES);
    // 1 stands for 65536, which does not fit into the two bytes.
    const pageSize = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16);
    wal = openIfExists(`${path}-wal`);
    const frames = wal === undefined ? new Map<number, number>() : committedFrames(wal, pageSize);
    return {
      pageSize,
      page: (number) => {
        const frame = frames.get(number);
        const bytes =
          frame === undefined || wal === undefined
            ? readBytes(file, (number - 1) * pageSize, pageSize)
            : readBytes(wal, frame, pageSize);
        return bytes.length === pageSize ? bytes : undefined;
      },
      close: () => {
        closeSync(file);
        if (wal !== undefined) closeSync(wal);
      },
    };
  } catch (error) {
    closeSync(file);
    if (wal !== undefined) closeSync(wal);
    throw error;
  }
}

/**
 * Where in the log the newest committed copy of each page begins. Format: https://www.sqlite.org/fileformat2.html,
 * section 4. Checksums are not verified: the salts tell the frames of an earlier round apart, a frame counts only when
 * a commit follows it, and the worst a torn one could do here is to hide a table name.
 */
function committedFrames(wal: number, pageSize: number): Map<number, number> {
  const committed = new Map<number, number>();
  const size = fstatSync(wal).size;
  if (size < WAL_HEADER_BYTES) return committed;
  const header = readBytes(wal, 0, WAL_HEADER_BYTES);
  if ((header.readUInt32BE(0) & ~1) >>> 0 !== 0x377f0682 || header.readUInt32BE(8) !== pageSize)
    return committed;
  const salts = header.readBigUInt64BE(16);
  const open = new Map<number, number>();
  for (
    let at = WAL_HEADER_BYTES;
    at + FRAME_HEADER_BYTES + pageSize <= size;
    at += FRAME_HEADER_BYTES + pageSize
  ) {
    const frame = readBytes(wal, at, FRAME_HEADER_BYTES);
    if (frame.readBigUInt64BE(8) !== salts) break;
    open.set(frame.readUInt32BE(0), at + FRAME_HEADER_BYTES);
    if (frame.readUInt32BE(4) !== 0) {
      for (const [page, offset] of open) committed.set(page, offset);
      open.clear();
    }
  }
  return committed;
}

function openIfExists(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readBytes(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const count = readSync(file, bytes, read, length - read, offset + read);
    if (count === 0) break;
    read += count;
  }
  return bytes.subarray(0, read);
}

import type { BackendReport } from '@switchyard/storage-core';

/** Disk space per chunk, all components included except the WAL; null without chunks. */
export function bytesPerChunk({ bytes, counts }: BackendReport): number | null {
  if (counts.chunks === 0) return null;
  const tables = Object.entries(bytes).filter(([what]) => what !== 'file' && what !== 'wal');
  const total = tables.length > 0 ? tables.reduce((sum, [, size]) => sum + size, 0) : bytes.file;
  return total === undefined ? null : Math.round(total / counts.chunks);
}

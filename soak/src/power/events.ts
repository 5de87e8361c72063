/** Changes that a process made to the files of one folder, in order. Paths are names within the folder. */
export type DiskEvent =
  | { readonly kind: 'create'; readonly name: string }
  | { readonly kind: 'write'; readonly name: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly name: string; readonly size: number }
  | { readonly kind: 'unlink'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string }
  /** A completed fsync or fdatasync: changes before the event with number `since` are on the disk. */
  | { readonly kind: 'sync'; readonly name: string; readonly since: number }
  /** A completed sync of the folder: names are on the disk. */
  | { readonly kind: 'sync-folder'; readonly since: number }
  /** A line that the recorded program wrote to report its work. */
  | { readonly kind: 'mark'; readonly text: string };

/** File in the folder that marks are written to. */
export const MARKS = 'marks';

/** Shared memory is recreated after a power cut. */
export function isVolatile(name: string): boolean {
  return name.endsWith('-shm');
}

import { existsSync, statSync } from 'node:fs';

/** The names backups of a file get, in order. */
function* names(file: string): Generator<string> {
  yield `${file}.legacy-backup`;
  for (let number = 2; ; number++) yield `${file}.legacy-backup-${number}`;
}

/** The first name that is free, or that already is a second name of this very file. */
export function freeBackupName(file: string): string {
  for (const name of names(file)) {
    if (!existsSync(name) || statSync(name).ino === statSync(file).ino) return name;
  }
  throw new RangeError('There is always a next name.');
}

/** The newest backup of a file; null without any. */
export function findBackup(file: string): string | null {
  let found: string | null = null;
  for (const name of names(file)) {
    if (!existsSync(name)) return found;
    found = name;
  }
  return found;
}

import Database from 'better-sqlite3';
import { describeLockedWrites } from '../../../tests/support/locked-writes.js';
import { openOn, tempFile } from './support/temp.js';

describeLockedWrites({
  newFile: tempFile,
  open: (file) => openOn(file, { busyTimeoutMs: 20 }),
  connect: (file) => new Database(file),
});

// SQLite's own check of an image. Runs in its own process, since other copies of SQLite also
// open the image.
import { openPlain, type PlainDatabase } from '../harness/plain-sqlite.js';
import { serveTasks } from '../harness/task-server.js';

serveTasks<{ readonly file: string }>(async ({ file }, context) => {
  await context.step('integrity_check');
  await context.result('finding', check(file));
});

function check(file: string): string {
  let database: PlainDatabase | undefined;
  try {
    database = openPlain(file);
    const rows = database.pragma('integrity_check(3)') as { integrity_check: string }[];
    return rows.map(({ integrity_check }) => integrity_check).join('; ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    database?.close();
  }
}

import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module';

/** The backends of the command. Adding or deleting one is one line here. */
export const backendModules = [libsqlModule, sqliteVecModule];

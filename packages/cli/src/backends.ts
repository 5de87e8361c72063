import { libsqlModule } from '@switchyard/backend-libsql/module';
import { sqliteVecModule } from '@switchyard/backend-sqlite-vec/module';

/** Backends of the command. Adding or deleting a backend takes one line here. */
export const backendModules = [libsqlModule, sqliteVecModule];

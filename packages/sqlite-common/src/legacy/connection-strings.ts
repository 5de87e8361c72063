import type { BackendDefinition } from '@switchyard/storage-core/backend';

/**
 * Name and connection strings of the legacy backend. They are declared here, and not in its package, because the command
 * parses and lists them without that package, which compiles native code.
 */
export const legacyConnectionStrings: Pick<BackendDefinition, 'name' | 'schemes' | 'options'> = {
  name: 'sqlite-vec',
  schemes: [
    {
      prefix: 'sqlite-vec::memory:',
      location: 'memory',
      example: 'sqlite-vec::memory:',
      description: 'legacy store in memory, gone when closed',
    },
    {
      prefix: 'sqlite-vec:',
      location: 'path',
      example: 'sqlite-vec:documents.db',
      description: 'legacy store of better-sqlite3 and sqlite-vec',
    },
  ],
  options: [
    {
      name: 'busyTimeoutMs',
      type: 'integer',
      min: 0,
      max: 2_147_483_647,
      description: 'Maximum time that a call waits for another writer, in milliseconds.',
      default: '30000',
    },
    {
      name: 'migrate',
      type: 'string',
      values: ['create', 'auto', 'manual'],
      description:
        'Lets writes create the schema of an empty store (create), also migrate an older one (auto), or neither (manual).',
      default: 'create',
    },
  ],
};

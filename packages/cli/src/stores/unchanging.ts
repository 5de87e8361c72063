import type { SwitchyardContainer } from '@switchyard/storage-container';

/**
 * The connection string with which opening leaves the schema alone, where the backend has that option. A `migrate=` that
 * was given stays.
 */
export function unchanging(switchyard: SwitchyardContainer, connectionString: string): string {
  const { backend, options } = switchyard.parse(connectionString);
  const definition = switchyard.definitions.find(({ name }) => name === backend);
  const has = definition?.options.some(
    ({ name, values }) => name === 'migrate' && values?.includes('manual'),
  );
  if (has !== true || options.migrate !== undefined) return connectionString;
  const text = connectionString.trim();
  return `${text}${text.includes('?') ? '&' : '?'}migrate=manual`;
}

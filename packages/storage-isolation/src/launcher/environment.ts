import { env, platform } from 'node:process';

/**
 * Environment variables passed to a child: paths of programs, libraries and temporary files, locale and time zone, TLS
 * certificates, and options of Node.js and the memory allocator. Everything else, such as API keys of other services,
 * is withheld. The drivers do not use a proxy, so proxy variables are not listed.
 */
const ALLOWED: ReadonlySet<string> = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TMP', 'TEMP', 'SQLITE_TMPDIR'],
  ...['TZ', 'TZDIR', 'LANG', 'LANGUAGE', 'ICU_DATA'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'OPENSSL_CONF', 'OPENSSL_MODULES'],
  ...['NODE_OPTIONS', 'NODE_PATH', 'NODE_EXTRA_CA_CERTS', 'NODE_ICU_DATA', 'NODE_V8_COVERAGE', 'NODE_ENV'],
  ...[
    'NODE_DEBUG',
    'NODE_NO_WARNINGS',
    'ELECTRON_RUN_AS_NODE',
    'NODE_COMPILE_CACHE',
    'NODE_DISABLE_COMPILE_CACHE',
  ],
  ...['UV_THREADPOOL_SIZE', 'RUST_LOG', 'RUST_BACKTRACE', 'MALLOC_ARENA_MAX', 'GLIBC_TUNABLES'],
  // Windows
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH'],
  ...['APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'NUMBER_OF_PROCESSORS'],
]);
const ALLOWED_PREFIX = /^(?:LC_|LD_|DYLD_)/;

/**
 * Returns the environment of a child.
 *
 * @param further Names of additional variables to pass.
 */
export function childEnvironment(further: readonly string[] = []): Record<string, string> {
  // Names are case-insensitive on Windows.
  const plain = (name: string) => (platform === 'win32' ? name.toUpperCase() : name);
  const wanted = new Set(further.map(plain));
  const isWanted = (name: string) => ALLOWED.has(name) || ALLOWED_PREFIX.test(name) || wanted.has(name);
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && isWanted(plain(entry[0])),
    ),
  );
}

import { extname } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { configError } from './config-error.js';
import { type ConfigValues, configKeys } from './keys.js';

/** Content of a configuration file. */
export interface ParsedConfig {
  readonly values: ConfigValues;
  /** Line of each key in the file, from 1. */
  readonly lines: Readonly<Partial<Record<keyof ConfigValues, number>>>;
}

/** Names of keys that look like secrets, so that they are refused with the right advice. */
const SECRET_KEY = /token|secret|password|passwd|api[-_]?key|credential/i;

/**
 * Parses a configuration file: YAML, or JSON if its name ends in `.json`. Nothing in it is executed.
 *
 * @throws CliError `CLI_CONFIG` that names the file and the line.
 */
export function parseConfig(file: string, text: string): ParsedConfig {
  const lines = new LineCounter();
  const isJson = extname(file) === '.json';
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false, // they quote the file
    schema: isJson ? 'json' : 'core',
  });
  const lineAt = (offset: number | undefined) => (offset === undefined ? 1 : lines.linePos(offset).line);
  const fix = 'Correct the file, or pass --no-config to ignore it.';
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const reason = /["']/.test(problem.message) ? '' : ` ${problem.message}.`;
    const message = `Not valid ${isJson ? 'JSON' : 'YAML'}.${reason}`;
    throw configError(message, { file, line: lineAt(problem.pos[0]) }, fix);
  }
  const { contents } = document;
  if (contents === null) return { values: {}, lines: {} };
  if (!isMap(contents)) {
    throw configError(
      'The file must contain keys with values, such as store: docs.db.',
      { file, line: 1 },
      fix,
    );
  }
  const values: Record<string, unknown> = {};
  const places: Record<string, number> = {};
  for (const { key, value } of contents.items) {
    const place = { file, line: lineAt(isNode(key) ? key.range?.[0] : undefined) };
    const name = isScalar(key) ? String(key.value) : 'a list or a mapping';
    const definition = Object.hasOwn(configKeys, name) ? configKeys[name as keyof ConfigValues] : undefined;
    if (definition === undefined) throw unknownKey(name, place);
    const read = definition.read(plain(document, value));
    if (read === undefined) {
      throw configError(`The value of '${name}' must be ${definition.expected}.`, place, fix);
    }
    values[name] = read;
    places[name] = place.line;
  }
  return { values, lines: places };
}

/** Returns the value as plain data; undefined for an alias that cannot be resolved. */
function plain(document: Document, value: unknown): unknown {
  try {
    return isNode(value) ? value.toJS(document) : undefined;
  } catch {
    return undefined;
  }
}

function unknownKey(name: string, place: { readonly file: string; readonly line: number }): Error {
  if (SECRET_KEY.test(name)) {
    return configError(
      `'${name}' is a secret, and secrets are not read from configuration files.`,
      place,
      'Remove it, and set the environment variable LIBSQL_AUTH_TOKEN, or OPENAI_API_KEY for an embedder.',
    );
  }
  const known = Object.keys(configKeys);
  const message = `Unknown key '${name}'; the nearest known one is '${closest(name, known)}'.`;
  return configError(message, place, `The known keys are: ${known.join(', ')}.`);
}

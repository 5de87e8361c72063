import { embedderSpecs } from '@switchyard/embedders';
import type { BackendDefinition } from '@switchyard/storage-core/backend';
import type { BuiltIn } from '../built-in.js';
import { configKeys, configNames } from '../config/keys.js';
import { STORE_VARIABLE } from '../config/settings.js';
import { TRUSTED_VARIABLE } from '../config/trust.js';
import { exitCodeMeanings } from '../exit-codes.js';
import { columns, connectionStringHelp } from './connection-strings.js';

const variables: readonly (readonly [string, string])[] = [
  [STORE_VARIABLE, 'STORE, where a command needs one and none is given'],
  [TRUSTED_VARIABLE, 'configuration files that may load backends from every folder below them'],
  ['OPENAI_API_KEY, OPENAI_BASE_URL', 'key and address of the endpoint for --embedder openai:MODEL'],
  ['SWITCHYARD_{QUERY,DOCUMENT}_PREFIX', 'put before texts, for models that tell queries from documents'],
  ['SWITCHYARD_{QUERY,DOCUMENT}_PARAMETERS', 'added to requests for such texts, as JSON objects'],
  ['NO_COLOR, FORCE_COLOR', 'never, or always, print in color'],
  ['SWITCHYARD_DEBUG', 'when set, errors show where they happened'],
];

function tokenHelp(definitions: readonly BackendDefinition[]): readonly [string, string] {
  const names = definitions.flatMap(({ schemes }) =>
    schemes.flatMap((scheme) => (scheme.location === 'memory' ? [] : (scheme.tokenVariables ?? []))),
  );
  return [
    [...new Set(names)].join(', '),
    'token for a server; the first variable that is set is used. Keeps the token out of the process list',
  ];
}

/** Help text below the list of commands in `switchyard --help`. */
export function generalHelp(definitions: readonly BackendDefinition[], builtIns: readonly BuiltIn[]): string {
  const notes = builtIns.map(({ help }) => (help === undefined ? '' : `${help.note}\n\n`)).join('');
  const examples = builtIns.flatMap(({ help }) => help?.examples ?? []).map((one) => `  $ ${one}\n`);
  return `
STORE is a connection string:

${connectionStringHelp(definitions)}

${notes}Stores of other packages: --backend PACKAGE, or backends in the configuration file.

STORE may be left out where ${STORE_VARIABLE} or a configuration file gives it. The configuration file is the nearest
${configNames.join(', ')} in the working folder or above. It is never
executed, and secrets in it are refused; one that was found above loads no backends unless --config names it. Arguments
and options override the environment, which overrides the file. Keys:
${columns(Object.entries(configKeys).map(([key, { description }]) => [key, description]))}

LIBRARY[@VERSION] names a version of a library, in any case: fastify@5.6.0, @scope/name@1.0.0. When searching, a
part (fastify@5), a range (fastify@^5.1) or latest will do; without @ the highest stable version is meant.

EMBEDDER makes vectors of texts:
${columns(embedderSpecs.map(({ spec, description }) => [spec, description]))}

Environment:
${columns([tokenHelp(definitions), ...variables])}

Exit codes:
${columns(exitCodeMeanings.map(([code, meaning]) => [String(code), meaning]))}

Examples:
  $ switchyard index ./docs --library handbook --store file:docs.db
  $ switchyard index fastify --library fastify --store file:docs.db
  $ switchyard search file:docs.db fastify@5.6.0 "register a plugin"
${examples.join('')}`;
}

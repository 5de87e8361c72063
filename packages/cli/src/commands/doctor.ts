import type { Capabilities } from '@switchyard/storage-core';
import { hasCapability, rankingOf, secretsOf } from '@switchyard/storage-core/backend';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments/numbers.js';
import { AlreadyReported } from '../cli-error.js';
import type { CommandContext } from '../command-context.js';
import { STORE_VARIABLE } from '../config/settings.js';
import { explain } from '../doctor/advice.js';
import { packageLines, withPackages } from '../doctor/backend-packages.js';
import { examine } from '../doctor/examine.js';
import type { Diagnosis, ShownConfig } from '../doctor/report.js';
import { serverVersion } from '../doctor/server-version.js';
import { describeError } from '../output/describe-error.js';
import { printable } from '../output/plain-text.js';
import { formatTable } from '../output/table.js';
import { chooseStore, storeHelp } from '../stores/choose-store.js';

/** `switchyard doctor STORE` */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .summary('diagnose problems of a store or its server')
    .description(
      'Connects to a store without changing it, and explains problems with server, token, path, schema, vectors and replication. Also measures the round-trip time.',
    )
    .argument('[store]', storeHelp('connection string of a store'))
    .option(
      '--timeout-ms <milliseconds>',
      'maximum time to wait for each response',
      wholeNumber(1, 600_000),
      10_000,
    )
    .option('--json', 'print one object as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ switchyard doctor file:docs.db\n  $ switchyard doctor libsql://docs.example.com --json',
    )
    .action(async (given: string | undefined, { timeoutMs }: { readonly timeoutMs: number }) => {
      const { output, backendPackages } = context;
      const packages = backendPackages.packages;
      const diagnosis = await diagnose(context, given, timeoutMs).catch(async (error: unknown) => {
        if (packages.length === 0) throw error;
        return explainUnserved(context, error);
      });
      const shown = packages.length === 0 ? diagnosis : withPackages(diagnosis, packages);
      await output.result(shown, () => formatDiagnosis(shown, context));
      if (!shown.healthy) throw new AlreadyReported();
    });
}

async function diagnose(
  context: CommandContext,
  given: string | undefined,
  timeoutMs: number,
): Promise<Diagnosis> {
  const { output, switchyard, signal, settings, builtIns } = context;
  const store = await chooseStore(context, given);
  const configuration = await showConfig(context);
  const storeFrom = given === undefined ? (await settings.store())?.from : 'argument';
  const parsed = switchyard.parse(store);
  output.protect(secretsOf(parsed));
  const examined = await examine({
    store: output.redact(parsed.redacted),
    isBuiltIn: builtIns.some(({ backend }) => backend.name === parsed.backend),
    timeoutMs,
    signal,
    serverVersion: () => serverVersion(parsed.location, { timeoutMs, signal }),
    // An empty database on a server can become a store, so it is not a problem.
    open: (options) =>
      switchyard.openBackend(store, { ...options, mustExist: parsed.location.type === 'file' }),
  });
  const { store: shown, ...rest } = examined;
  return { store: shown, storeFrom, configuration, ...rest };
}

/** Makes a finding of a connection string that no loaded backend serves, so that the packages can be shown. */
async function explainUnserved({ backendPackages }: CommandContext, error: unknown): Promise<Diagnosis> {
  const advice = await backendPackages.adviceFor(error);
  if (advice === null) throw error;
  const description = { ...describeError(error), action: advice };
  const check = { ok: false, ...explain(description, { isBuiltIn: false }) };
  return { store: 'unknown', healthy: false, checks: [check], error: description };
}

/** Returns the configuration file without secrets; null without one. */
async function showConfig(context: CommandContext): Promise<ShownConfig | null> {
  const { settings, switchyard, output, backendPackages } = context;
  let isServed = true;
  const found = await settings.file().catch(async (error: unknown) => {
    // The command examines another store than that of the file.
    if ((await backendPackages.adviceFor(error)) === null) throw error;
    isServed = false;
    return settings.content();
  });
  if (found === null) return null;
  const { store, baseUrl } = found.values;
  const shown = (text: string) =>
    isServed ? output.redact(switchyard.parse(text).redacted) : 'of an unknown scheme';
  const values = {
    ...found.values,
    ...(store === undefined ? {} : { store: shown(store) }),
    ...(baseUrl === undefined ? {} : { baseUrl: withoutCredentials(baseUrl) }),
  };
  return { file: found.file, values };
}

function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** Describes where defaults came from. */
function configLines({ storeFrom, configuration }: Diagnosis): string[] {
  if (configuration === undefined) return [];
  const origin = {
    argument: 'the command line',
    environment: STORE_VARIABLE,
    configuration: 'the configuration file',
  }[storeFrom ?? 'argument'];
  if (configuration == null) return [`The store is that of ${origin}; there is no configuration file.`];
  const values = Object.entries(configuration.values).map(
    ([key, value]) => `  ${key}: ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  );
  return [`The store is that of ${origin}. Configuration file: ${configuration.file}`, ...values];
}

/** Describes how the store is searched. */
function searchFacts(capabilities: Capabilities): [string, string][] {
  const hasVectors = hasCapability(capabilities, 'vectors');
  const hasFts = hasCapability(capabilities, 'fts');
  return [
    ['search modes', hasVectors ? capabilities.searchModes.join(', ') : 'no vector search'],
    ['full text', hasFts ? `ranked by ${rankingOf(capabilities)}` : 'no full-text search'],
  ];
}

function formatDiagnosis(diagnosis: Diagnosis, { output }: CommandContext): string {
  const {
    checks,
    backend,
    server,
    engine,
    schema,
    profile,
    counts,
    roundTripMs,
    replication,
    capabilities,
    error,
  } = diagnosis;
  const facts: [string, string][] = [['store', diagnosis.store]];
  if (backend !== undefined) facts.push(['backend', backend]);
  if (server !== undefined) facts.push(['server', server]);
  if (engine !== undefined) facts.push(['engine', `${engine.name} ${engine.version}`]);
  if (schema !== undefined)
    facts.push(['schema', `${schema.state}, level ${schema.level ?? 'none'} of ${schema.latest}`]);
  if (profile !== undefined && profile !== null) {
    facts.push([
      'vectors',
      `${profile.model ?? 'unknown model'}, ${profile.dimension} dimensions, ${profile.metric}`,
    ]);
  }
  if (counts !== undefined) facts.push(['content', `${counts.pages} pages, ${counts.chunks} chunks`]);
  if (capabilities !== undefined) facts.push(...searchFacts(capabilities));
  if (roundTripMs !== undefined) facts.push(['round trip', `${roundTripMs} ms`]);
  if (replication !== undefined) {
    facts.push(['replica of', replication.primary]);
    facts.push(['last sync', `${replication.syncedAt ?? 'never'}, frame ${replication.frame ?? 'unknown'}`]);
  }
  // Not a table, which would cut the advice to the width of the terminal.
  const findings = checks.map(({ name, ok, finding, advice }) => {
    const line = `${ok ? 'ok    ' : 'WRONG '} ${name}: ${finding}`;
    return advice === undefined ? line : `${line}\n       ${advice}`;
  });
  const parts = [
    formatTable(['property', 'value'], facts, output.colors, output.columns),
    '',
    ...configLines(diagnosis).map(printable),
    ...packageLines(diagnosis).map(printable),
    '',
    ...findings,
    '',
  ];
  if (error !== undefined) parts.push(`${error.code}: ${output.redact(error.message)}`);
  parts.push(diagnosis.healthy ? 'No problems found.' : 'Problems found.');
  return parts.join('\n');
}

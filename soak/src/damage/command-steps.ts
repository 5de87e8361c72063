import { existsSync } from 'node:fs';
import { createBackend } from '../content/open-store.js';
import { contentOf, digest } from './answers.js';
import { storeOf } from './questions.js';
import { type CommandResult, runCommand } from './run-command.js';
import type { Base, Kind } from './types.js';

/** A command run on a damaged store. */
export interface CommandStep {
  readonly name: string;
  /** Commands with a turn run on every third file, because starting processes takes most of the time. */
  readonly turn?: 0 | 1 | 2;
  run(
    connection: string,
    file: string,
    base: Base,
  ): Promise<CommandResult & { readonly content?: string | null }>;
}

/** Content of a store created by a command; null if the command reported a problem. */
async function madeBy(
  result: CommandResult,
  target: string,
): Promise<CommandResult & { content: string | null }> {
  const { problemCounts } =
    result.exitCode === 0 ? (JSON.parse(result.stdout) as { problemCounts?: object }) : {};
  const told =
    result.exitCode !== 0 || (problemCounts !== undefined && Object.keys(problemCounts).length > 0);
  if (told || !existsSync(target)) return { ...result, content: null };
  const backend = createBackend(target, true);
  await backend.open();
  try {
    const parts: unknown[] = [];
    for (const { version } of await backend.catalog.overview()) {
      const { id, library, name } = version;
      parts.push(library, name, JSON.stringify(await contentOf(backend, id)));
    }
    return { ...result, content: digest(...parts) };
  } finally {
    await backend.close();
  }
}

const common: readonly CommandStep[] = [
  { name: 'libraries', turn: 0, run: (store) => runCommand('libraries', store) },
  { name: 'inspect', run: (store) => runCommand('inspect', store) },
  { name: 'doctor', turn: 1, run: (store) => runCommand('doctor', store) },
  { name: 'check', run: (store) => runCommand('check', store) },
  {
    name: 'repair',
    turn: 2,
    run: async (store) => {
      const repaired = await runCommand('check', store, '--repair');
      // A report of a complete repair must be correct.
      const again = repaired.exitCode === 0 ? await runCommand('check', store) : null;
      if (again !== null && again.exitCode !== 0)
        throw new Error(`check after a successful repair: ${again.stdout.slice(0, 300)}`);
      return repaired;
    },
  },
  {
    name: 'verify',
    run: (store, _file, base) => runCommand('verify', store, storeOf(base.kind, base.sound)),
  },
  {
    name: 'copy',
    turn: 0,
    run: async (store, file) => {
      const target = `${file}.copy.db`;
      return madeBy(await runCommand('copy', store, target, '--metric', 'l2'), target);
    },
  },
];

// @legacy-begin
const legacyOnly: readonly CommandStep[] = [
  {
    name: 'convert-dry-run',
    run: (_store, file) => runCommand('convert', file, '--to', `${file}.planned.db`, '--dry-run'),
  },
  {
    name: 'convert',
    run: async (_store, file) => {
      const target = `${file}.converted.db`;
      return madeBy(await runCommand('convert', file, '--to', target), target);
    },
  },
  {
    name: 'convert-in-place',
    turn: 1,
    run: async (_store, file) => madeBy(await runCommand('convert', file, '--in-place'), file),
  },
];
// @legacy-end

/** Commands that fit a base and have their turn. @param index Number of the case; null for every command. */
export function commandSteps({ kind }: Base, index: number | null): readonly CommandStep[] {
  const further: Partial<Record<Kind, readonly CommandStep[]>> = {
    legacy: legacyOnly, // @legacy
  };
  const steps = [...common, ...(further[kind] ?? [])];
  return steps.filter(({ turn }) => turn === undefined || index === null || index % 3 === turn);
}

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Machine } from './world.js';

/** A fault put into the built code of the machine, which the checker has to find. */
export interface Mutant {
  readonly name: string;
  /** Beginning of the name of the scope that shows it. */
  readonly scope: string;
  /** Invariant that it breaks first. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
}

/** One replacement in a file of the machine. */
interface Edit {
  readonly file: string;
  /** Found exactly once in the file; white space counts as one space. */
  readonly replace: string;
  readonly by: string;
}

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Folder of the machine, compiled file by file: the built package is a bundle, in which no file can be edited. */
let compiled: string | null = null;

function compile(): string {
  if (compiled !== null) return compiled;
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-machine-'));
  const settings = ['--composite', '--incremental', '--declaration', '--declarationMap', '--sourceMap'];
  const off = [...settings, '--emitDeclarationOnly'].flatMap((name) => [name, 'false']);
  const project = join(root, 'packages/storage-rollout');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', folder, ...off], { stdio: 'pipe' });
  compiled = join(folder, 'machine');
  return compiled;
}

/** Folder of packages, so that a copy finds those that the machine imports. */
const modules = join(root, 'node_modules');

/** Builds a mutant from the files of the machine, in a folder of its own. */
export async function mutate({ name, edits }: Mutant): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-mutant-'));
  cpSync(compile(), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  symlinkSync(modules, join(folder, 'node_modules'));
  for (const { file, replace, by } of edits) {
    const path = join(folder, file);
    const source = readFileSync(path, 'utf8').replaceAll(/\s+(?=\S)/g, (space) =>
      space.includes('\n') ? '\n' : ' ',
    );
    const parts = flat(source).split(flat(replace));
    if (parts.length !== 2)
      throw new Error(`Mutant '${name}': ${file} has ${parts.length - 1} places for '${replace}'.`);
    writeFileSync(path, parts.join(by));
  }
  return (await import(pathToFileURL(join(folder, 'index.js')).href)) as Machine;
}

/** Code without comments to the end of a line, in which white space does not count. */
function flat(source: string): string {
  return source.replaceAll(/^\s*\/\/.*$/gm, '').replaceAll(/\s+/g, ' ');
}

/** Faults that the checker has to find. */
export const mutants: readonly Mutant[] = [
  {
    name: 'stage without compare-and-set',
    scope: 'stage: promoted',
    breaks: 'S1',
    edits: [
      {
        file: 'transactions/stage.js',
        replace: "if (records.control.revision !== expected) return refused(records, 'conflict');",
        by: '',
      },
    ],
  },
  {
    name: 'stage decided on either side',
    scope: 'stage: raised',
    breaks: 'S2',
    edits: [
      {
        file: 'transactions/stage.js',
        replace:
          "if (deciderOf(records.control.stage) !== records.side) return refused(records, 'not-holder');",
        by: '',
      },
      {
        file: 'protocols/stage-task.js',
        replace: 'const decider = deciderOf(row.stage);',
        by: "const decider = 'old';",
      },
      {
        file: 'protocols/stage-task.js',
        replace:
          "const call = { kind: 'changeStage', expected: row.revision, command, filled }; return { side: deciderOf(row.stage), call };",
        by: "return { side: command.kind === 'promote' ? 'old' : 'new', call: { kind: 'changeStage', expected: row.revision, command, filled } };",
      },
    ],
  },
  {
    name: 'earlier stage carried over a later one',
    scope: 'stage: raised',
    breaks: 'S2',
    edits: [
      {
        file: 'transactions/stage.js',
        replace:
          "if (row.revision < control.revision) return refused(records, 'stale-epoch'); if (row.revision > control.revision)",
        by: 'if (row.revision !== control.revision)',
      },
    ],
  },
  {
    name: 'fence without compare-and-set',
    scope: 'switch: twice up',
    breaks: 'I8',
    edits: [
      {
        file: 'transactions/terms.js',
        replace:
          "if (library.authority.epoch !== expected) return refused(records, 'conflict'); if (library.gaps.length > 0)",
        by: 'if (library.gaps.length > 0)',
      },
    ],
  },
  {
    name: 'position taken too late',
    scope: 'backfill:',
    breaks: 'I2',
    edits: [
      {
        file: 'protocols/backfill-task.js',
        replace: "case 'position': return { side: from, call: { kind: 'takePosition', library } };",
        by: "case 'position': case 'late': return { side: from, call: { kind: 'takePosition', library } };",
      },
      {
        file: 'protocols/backfill-task.js',
        replace:
          "return { at: 'put', since, page, boot, content: answer.content, operations: answer.operations };",
        by: "return { at: 'late', since, page, boot, content: answer.content, operations: answer.operations };",
      },
      {
        file: 'protocols/backfill-task.js',
        replace: "case 'put': { const { since, page, boot } = state;",
        by: "case 'late': return { ...state, at: 'put', since: answer.position }; case 'put': { const { since, page, boot } = state;",
      },
    ],
  },
  {
    name: 'no epoch and no holder looked at by a write',
    scope: 'switch: up while two',
    breaks: 'I6',
    edits: [
      {
        file: 'transactions/writes.js',
        replace:
          "if (authority.holder !== side) return 'not-holder'; return epoch !== null && epoch !== authority.epoch ? 'stale-epoch' : null;",
        by: 'return null;',
      },
    ],
  },
  {
    name: 'late put of an earlier epoch taken',
    scope: 'power cut: of either side while two drains',
    breaks: 'I2',
    edits: [
      {
        file: 'transactions/puts.js',
        replace: "if (call.epoch < library.authority.epoch) return refused(records, 'stale-epoch');",
        by: '',
      },
    ],
  },
  {
    name: 'clear before put',
    scope: 'writes:',
    breaks: 'I8',
    edits: [
      {
        file: 'protocols/drain-task.js',
        replace: "return { at: 'put', epoch: answer.epoch, change: answer.change };",
        by: "return { at: 'clear', epoch: answer.epoch, change: answer.change };",
      },
      {
        file: 'protocols/drain-task.js',
        replace: "return { at: 'take', seen: state.seen };",
        by: "return { at: 'put', epoch: state.epoch, change: state.change };",
      },
      {
        file: 'protocols/drain-task.js',
        replace: "return { at: 'clear', change: state.change, seen: state.seen };",
        by: "return { at: 'take', seen: state.seen };",
      },
    ],
  },
  {
    name: 'clear before the put is durable',
    scope: 'power cut: of either side while two clients',
    breaks: 'I8',
    edits: [
      {
        file: 'protocols/drain-task.js',
        replace: "{ at: 'sync', change: state.change,",
        by: "{ at: 'clear', change: state.change,",
      },
    ],
  },
  {
    name: 'deletes not carried',
    scope: 'switch: up while two',
    breaks: 'I1',
    edits: [
      {
        file: 'transactions/writes.js',
        replace: 'const [oldest] = dirtyPages(library);',
        by: "const [oldest] = dirtyPages(library).filter(([, { content }]) => content.kind !== 'deleted');",
      },
    ],
  },
  {
    name: 'promotion while dirty',
    scope: 'stage: promoted',
    breaks: 'I8',
    edits: [{ file: 'transactions/stage.js', replace: '.every(isClean)', by: '.every(() => true)' }],
  },
  {
    name: 'marker not bound to the epoch',
    scope: 'stage: demoted',
    breaks: 'I8',
    edits: [
      {
        file: 'transactions/stage.js',
        replace: 'filled[name] === authority.epoch',
        by: 'filled[name] !== null',
      },
    ],
  },
  {
    name: 'promotion without drain',
    scope: 'switch: up while two',
    breaks: 'I1',
    edits: [
      {
        file: 'protocols/switch-task.js',
        replace: "case 'fence': return answer.kind === 'done' ? drainFirst(state.epoch)",
        by: "case 'fence': return answer.kind === 'done' ? to === 'new' ? { at: 'admit', epoch: state.epoch } : drainFirst(state.epoch)",
      },
    ],
  },
  {
    name: 'demotion without drain',
    scope: 'switch: up and down',
    breaks: 'I1',
    edits: [
      {
        file: 'protocols/switch-task.js',
        replace: "case 'fence': return answer.kind === 'done' ? drainFirst(state.epoch)",
        by: "case 'fence': return answer.kind === 'done' ? to === 'old' ? { at: 'admit', epoch: state.epoch } : drainFirst(state.epoch)",
      },
    ],
  },
  {
    name: 'id from the wrong side',
    scope: 'switch: up while two',
    breaks: 'I5',
    edits: [
      {
        file: 'records.js',
        replace: "nextId: side === 'old' ? OLD_SIDE_IDS : Math.max(0, ...ids) + 1,",
        by: 'nextId: OLD_SIDE_IDS,',
      },
    ],
  },
  {
    name: 'ids used again after a power cut',
    scope: 'power cut: of either side while two clients',
    breaks: 'I5',
    edits: [
      {
        file: 'transactions/terms.js',
        replace: '{ ...records, boot, nextId: records.nextId + ID_GAP }',
        by: '{ ...records, boot }',
      },
    ],
  },
  {
    name: 'tombstone dropped early',
    scope: 'writes:',
    breaks: 'I3',
    edits: [
      {
        file: 'transactions/puts.js',
        replace: 'pages: applied ? { ...library.pages, [call.page]: entry } : library.pages,',
        by: "pages: !applied ? library.pages : call.content.kind !== 'deleted' ? { ...library.pages, [call.page]: entry } : Object.fromEntries(Object.entries(library.pages).filter(([page]) => page !== call.page)),",
      },
    ],
  },
  {
    name: 'sequence reused',
    scope: 'power cut: of either side while two clients',
    breaks: 'I1',
    edits: [
      {
        file: 'transactions/terms.js',
        replace: 'if (library.authority.holder === records.side) raised =',
        by: 'if (library.authority.holder === null) raised =',
      },
    ],
  },
  {
    name: 'fence that a power cut can take back',
    scope: 'power cut: of either side during a switch',
    breaks: 'I6',
    edits: [{ file: 'calls.js', replace: "'fence',", by: '' }],
  },
  {
    name: 'sync after a reboot counted for puts before it',
    scope: 'power cut: of either side while two clients',
    breaks: 'I8',
    edits: [{ file: 'transactions/puts.js', replace: 'return boot === records.boot ?', by: 'return true ?' }],
  },
  {
    name: 'backfill over what a power cut left behind',
    scope: 'power cut: of either side during a backfill',
    breaks: 'I1',
    edits: [
      {
        file: 'transactions/puts.js',
        replace: "if (gaps.length > 0) return refused(records, 'gap-open');",
        by: '',
      },
    ],
  },
  {
    name: 'operation applied again when it is repeated',
    scope: 'writes:',
    breaks: 'I1',
    edits: [{ file: 'transactions/writes.js', replace: 'if (repeated !== undefined)', by: 'if (false)' }],
  },
  {
    name: 'older put over a newer one',
    scope: 'writes:',
    breaks: 'I3',
    edits: [
      {
        file: 'transactions/puts.js',
        replace: 'const applied = held === undefined || differs || isAfter(call.position, held.position);',
        by: 'const applied = true;',
      },
    ],
  },
  {
    name: 'positions not read after a comparison',
    scope: 'comparison:',
    breaks: 'I9',
    edits: [
      {
        file: 'protocols/compare-task.js',
        replace: "if (!isSame(state.position, answer.position)) return { at: 'undecided' };",
        by: '',
      },
    ],
  },
  {
    name: 'repair while changes lost in a power cut are looked for',
    scope: 'repair: of two',
    breaks: 'I1',
    edits: [
      {
        file: 'transactions/writes.js',
        replace: "if (library.gaps.length > 0) return refused(records, 'gap-open');",
        by: '',
      },
    ],
  },
  {
    name: 'repair in an earlier epoch, on a side that lost the library',
    scope: 'repair: of a page',
    breaks: 'I6',
    edits: [
      {
        file: 'transactions/writes.js',
        replace:
          'const refusal = whyNotWriter(records, library, epoch); if (refusal !== null) return refused(records, refusal);',
        by: '',
      },
    ],
  },
  {
    name: 'what a forced switch left behind cleared and not kept',
    scope: 'forced switch: from',
    breaks: 'I1',
    edits: [
      {
        file: 'protocols/rejoin-task.js',
        replace: "return { ...state, at: isHeld ? 'clear' : 'keep' };",
        by: "return { ...state, at: 'clear' };",
      },
    ],
  },
  {
    name: 'forced switch to an epoch that the other side may have begun',
    scope: 'forced switch: from',
    breaks: 'I1',
    edits: [{ file: 'protocols/force-task.js', replace: '2 ** 20', by: '1' }],
  },
  {
    name: 'side that returns told before its changes are kept',
    scope: 'forced switch: of',
    breaks: 'I1',
    edits: [
      {
        file: 'protocols/rejoin-task.js',
        replace: "? { at: 'take', holder: answer.row }",
        by: "? { at: 'announce', holder: answer.row }",
      },
      {
        file: 'protocols/rejoin-task.js',
        replace: "return { at: 'announce', holder };",
        by: "return { at: 'rejoined' };",
      },
      {
        file: 'protocols/rejoin-task.js',
        replace: "case 'announce': return { at: 'rejoined' };",
        by: "case 'announce': return { at: 'take', holder: state.holder };",
      },
    ],
  },
];

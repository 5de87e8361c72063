import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from './support/in-process.js';
import { put, temporaryFolder } from './support/temp.js';

const folder = temporaryFolder();
const script = (shell: string) => join(folder, `switchyard.${shell}`);

function has(shell: string): boolean {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  put(folder, 'docs.db', '');
  put(folder, 'a folder/b.md', '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await runHere(['completion', shell]);
    expect([code, stderr]).toEqual([0, '']);
    writeFileSync(script(shell), stdout);
  }
});

function shell(name: string, args: readonly string[], program: string): string[] {
  const text = execFileSync(name, [...args, program], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder },
  });
  return text.split('\n').slice(0, -1);
}

/** Words before the cursor, the last one unfinished, and some of the expected candidates; null stands for files. */
const cases: readonly (readonly [words: readonly string[], candidates: readonly string[] | null])[] = [
  [['ind'], ['index']],
  [['re'], ['reembed', 'remove']],
  [['search', '--l'], ['--limit']],
  [['search', '--embedder', 'op'], ['openai:']],
  [
    ['copy', 'a.db', 'b.db', '--metric', ''],
    ['cosine', 'l2'],
  ],
  [['evaluate', '--fusion', ''], ['tuned']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['help', 'ver'], ['verify']],
  [['index', 'd'], null],
  [['index', '--store', 'd'], null],
  [['libraries', 'd'], null],
  [['verify', 'a.db', 'd'], null],
];

describe.skipIf(!has('bash'))('completion in bash', () => {
  /** Calls the function that bash calls on TAB, with the words as readline splits them. */
  const complete = (...lines: (readonly string[])[]) => {
    const calls = lines.map((words) => {
      const all = ['switchyard', ...words].map((word) => `'${word}'`).join(' ');
      return `COMP_WORDS=(${all}); COMP_CWORD=${words.length}; _switchyard; echo "\${COMPREPLY[*]}"`;
    });
    return shell('bash', ['--norc', '--noprofile', '-c'], [`source ${script('bash')}`, ...calls].join('\n'));
  };

  it('offers commands, options and their values, and leaves files to readline', () => {
    const offered = complete(...cases.map(([words]) => words));
    expect(offered.map((line) => line.split(' ').filter((word) => word !== ''))).toEqual(
      cases.map(([, candidates]) => candidates ?? []),
    );
  });

  it('understands values after an equals sign, and colons in connection strings', () => {
    const offered = complete(
      ['search', '--embedder', '=', 'no'],
      ['copy', 'file', ':', 'a.db', 'file', ':', 'b.db', '--metric', '=', ''],
      ['search', 'file', ':', 'docs.db', 'pino', '--fts'],
      ['search', '--store', 'file', ':', 'docs.db', '--que'],
      ['search', '--limit', '5', '--fts'],
      ['libraries', 'file', ':', 'do'],
    );
    expect(offered).toEqual(['none', 'cosine l2', '--fts-only', '--queries', '--fts-only', 'docs.db']);
  });

  it('is registered for the command, and is correct in POSIX mode too', () => {
    const [registered] = shell('bash', ['--norc', '-c'], `source ${script('bash')}; complete -p switchyard`);
    expect(registered).toBe('complete -o bashdefault -o default -F _switchyard switchyard');
    expect(shell('bash', ['--norc', '-c'], `bash -n ${script('bash')} 2>&1`)).toEqual([]);
  });

  it('offers every command and every option of the help', async () => {
    const { stdout } = await runHere(['--help']);
    const [, list = ''] = stdout.split('Commands:\n');
    const names = [...(list.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z-]+)/gm)].map(
      ([, name = '']) => name,
    );
    expect(names.length).toBeGreaterThan(15);
    const [commands = ''] = complete(['']);
    expect(commands.split(' ')).toEqual(expect.arrayContaining(names));
    const offered = complete(...names.map((name) => [name, '-']));
    for (const [index, name] of names.entries()) {
      const help = (await runHere(name === 'help' ? ['--help'] : ['help', name])).stdout;
      const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z\d-]+)/gm)].map(([, option = '']) => option);
      const expected = name === 'help' ? ['--help'] : options;
      expect(offered[index]?.split(' ')).toEqual(expect.arrayContaining(expected));
    }
  });
});

describe.skipIf(!has('zsh'))('completion in zsh', () => {
  it('is a correct script that registers itself', () => {
    expect(shell('zsh', ['-f', '-c'], `zsh -n ${script('zsh')} 2>&1`)).toEqual([]);
    const program = `autoload -Uz compinit; compinit -D -u; source ${script('zsh')}; print -r -- $_comps[switchyard]`;
    expect(shell('zsh', ['-f', '-c'], program)).toEqual(['_switchyard']);
  });
});

describe.skipIf(!has('fish'))('completion in fish', () => {
  it('offers commands, options and their values, and files', () => {
    const calls = cases.map(([words]) => `complete -C 'switchyard ${words.join(' ')}'; echo ---`);
    const lines = shell('fish', ['--no-config', '-c'], [`source ${script('fish')}`, ...calls].join('\n'));
    const offered = lines
      .join('\n')
      .split('---\n')
      .map((text) => text.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]])));
    for (const [index, [, candidates]] of cases.entries()) {
      expect(offered[index]).toEqual(expect.arrayContaining([...(candidates ?? ['docs.db'])]));
    }
  });
});

describe('completion', () => {
  it('is refused for another shell', async () => {
    const { code, stdout, stderr } = await runHere(['completion', 'tcsh']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/CLI_USAGE.*bash, zsh, fish/);
  });
});

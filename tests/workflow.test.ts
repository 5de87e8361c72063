import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly 'runs-on': string;
  readonly 'timeout-minutes': number;
  readonly strategy?: {
    readonly matrix: { readonly os: readonly string[]; readonly node: readonly number[] };
  };
  readonly steps: readonly Step[];
}

/** Keeps the workflows runnable although they run nowhere yet: every command they name exists. */
const root = join(import.meta.dirname, '..');
const folder = join(root, '.github/workflows');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  packageManager: string;
  engines: { node: string };
};

/** Returns the reason why a command line cannot work in this repository; null if it can. */
function fault(line: string): string | null {
  const [program = '', verb = '', name = ''] = line.trim().split(/\s+/);
  if (program === 'bash') return existsSync(join(root, verb)) ? null : `there is no ${verb}`;
  if (program !== 'npm') return `${program} is not known here`;
  if (verb === 'ci') return null;
  if (verb === 'run') return name in manifest.scripts ? null : `there is no script ${name}`;
  const major = manifest.packageManager.split('.')[0];
  return line === `npm install --global ${major}` ? null : `npm should be ${major}`;
}

it('recognizes commands that do not exist', () => {
  expect(fault('npm run test:quick')).toBeNull();
  expect(fault('npm run test:nothing')).not.toBeNull();
  expect(fault('bash .ci/nothing')).not.toBeNull();
  expect(fault('npm install --global npm@1')).not.toBeNull();
  expect(fault('make')).not.toBeNull();
});

describe.each(readdirSync(folder))('%s', (file) => {
  const workflow = parse(readFileSync(join(folder, file), 'utf8')) as {
    permissions: object;
    jobs: Record<string, Job>;
  };
  const jobs = Object.values(workflow.jobs);

  it('runs only commands that exist', () => {
    const lines = jobs.flatMap(({ steps }) =>
      steps.flatMap(({ run = '' }) => run.split('\n').filter(Boolean)),
    );
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.map(fault).filter((found) => found !== null)).toEqual([]);
  });

  it('may only read, ends in time, and uses actions of a named version', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const job of jobs) {
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
      for (const { uses } of job.steps)
        if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
    }
  });

  it('covers the systems and versions that docs/concepts/runtimes.md names', () => {
    const matrix = jobs.find(({ strategy }) => strategy !== undefined)?.strategy?.matrix;
    expect(matrix?.os.map((os) => os.split('-')[0])).toEqual(['ubuntu', 'macos', 'windows']);
    const page = readFileSync(join(root, 'docs/concepts/runtimes.md'), 'utf8');
    const documented = /^\| Node\.js (?<versions>[\d, ]+) \|/m.exec(page)?.groups?.versions ?? '';
    expect(matrix?.node.join(', ')).toBe(documented);
    expect(manifest.engines.node).toMatch(new RegExp(`^>=${matrix?.node[0]}\\.`));
  });
});

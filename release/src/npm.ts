import { env, execPath } from 'node:process';

/** A command line of npm. */
export interface NpmCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Returns the command line that runs npm: the npm that runs this program, if there is one. By its script and not by its
 * name, because `npm` is a batch file on Windows, which `execFile` cannot start.
 */
export function npm(args: readonly string[]): NpmCommand {
  const script = env.npm_execpath;
  return script?.endsWith('npm-cli.js')
    ? { command: execPath, args: [script, ...args] }
    : { command: 'npm', args };
}

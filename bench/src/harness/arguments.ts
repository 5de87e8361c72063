import { parseArgs } from 'node:util';
import { options } from './options.js';

/** Parsed command line. Omitted values are chosen by the scenario. */
export interface Arguments {
  readonly scenario: string | null;
  readonly n: number | null;
  readonly dim: number | null;
  readonly ks: readonly number[] | null;
  readonly versions: number | null;
  readonly queries: number | null;
  readonly contenders: readonly string[] | null;
  readonly json: string | null;
  readonly markdown: string | null;
  readonly svg: string | null;
  readonly real: boolean;
  readonly synthetic: boolean;
  readonly help: boolean;
}

/** @throws TypeError for invalid arguments. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options,
  });
  if (positionals.length > 1) throw new TypeError(`Expected one scenario, not ${positionals.join(' and ')}.`);
  return {
    scenario: positionals[0] ?? null,
    n: whole('n', values.n),
    dim: whole('dim', values.dim),
    ks: values.k?.split(',').map((part) => whole('k', part) as number) ?? null,
    versions: whole('versions', values.versions),
    queries: whole('queries', values.queries),
    contenders: values.contenders?.split(',').map((name) => name.trim()) ?? null,
    json: values.json ?? null,
    markdown: values.markdown ?? null,
    svg: values.svg ?? null,
    real: values.real ?? false,
    synthetic: values.synthetic ?? false,
    help: values.help ?? false,
  };
}

/** Parses a positive integer; `20000`, `20_000` and `20k` are equal. */
function whole(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^(\d[\d_]*)(k)?$/i.exec(text.trim());
  const value =
    match === null ? Number.NaN : Number(match[1]?.replaceAll('_', '')) * (match[2] === undefined ? 1 : 1000);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`--${name} must be a positive integer, not '${text}'.`);
  return value;
}

import { writeFileSync } from 'node:fs';
import { ensureCorpus } from './corpus/install.js';
import { Corpus } from './corpus/pages.js';
import { type Arguments, readArguments } from './harness/arguments.js';
import { type Measurement, writeJson } from './harness/measurement.js';
import { listOptions } from './harness/options.js';
import { createProgress } from './harness/progress.js';
import { referenceLine, toMarkdown, toTable } from './harness/table.js';
import { Workspace } from './harness/workspace.js';
import { scenarios } from './scenarios/index.js';
import type { Bench, Scenario } from './scenarios/scenario.js';

const usage = `npm run bench -- [SCENARIO] [options]

Scenarios (without one, those marked * run, one after the other):
${scenarios.map(({ name, inDefaultRun, minutes, description }) => `  ${inDefaultRun ? '*' : ' '} ${name.padEnd(14)} ${description} (about ${minutes} min)`).join('\n')}

Options:
${listOptions()}

Documentation and embeddings to measure with are fetched and made once (about five minutes).`;

/** Returns the requested scenarios. @throws TypeError for an unknown one. */
function choose({ scenario }: Arguments): readonly Scenario[] {
  if (scenario === null) return scenarios.filter(({ inDefaultRun }) => inDefaultRun);
  const chosen = scenarios.find(({ name }) => name === scenario);
  if (chosen === undefined) {
    throw new TypeError(
      `Unknown scenario '${scenario}'. Known scenarios: ${scenarios.map(({ name }) => name).join(', ')}.`,
    );
  }
  return [chosen];
}

async function main(): Promise<void> {
  const given = readArguments(process.argv.slice(2));
  if (given.help) {
    console.log(usage);
    return;
  }
  const chosen = choose(given);
  const progress = createProgress();
  if (given.synthetic) progress.say('Synthetic text and vectors: the results do not apply to real ones.');
  else ensureCorpus(progress);
  const workspace = new Workspace();
  let corpus: Promise<Corpus> | undefined;
  const bench: Bench = {
    arguments: given,
    workspace,
    progress,
    corpus: () => {
      corpus ??= given.synthetic ? Promise.resolve(Corpus.synthetic()) : Corpus.load(progress);
      return corpus;
    },
  };
  const all: Measurement[] = [];
  const tables: string[] = [];
  if (given.scenario === null) {
    const minutes = chosen.reduce((sum, scenario) => sum + scenario.minutes, 0);
    progress.say(
      `${chosen.map(({ name }) => name).join(', ')}: about ${minutes} minutes. --help lists the options.`,
    );
  }
  for (const scenario of chosen) {
    const rows = await scenario.run(bench);
    all.push(...rows);
    for (const name of new Set(rows.map((row) => row.scenario))) {
      const ofName = rows.filter((row) => row.scenario === name);
      console.log(`\n${name}\n${toTable(ofName)}\n${referenceLine(ofName)}`);
      tables.push(`### ${name}\n\n${toMarkdown(ofName)}\n\n${referenceLine(ofName)}\n`);
    }
  }
  if (given.json !== null) writeJson(given.json, all);
  if (given.markdown !== null) writeFileSync(given.markdown, tables.join('\n'));
  workspace.remove();
}

main().then(
  // Drivers of peers may keep threads alive; the work is done.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof TypeError ? error.message : error);
    process.exit(1);
  },
);

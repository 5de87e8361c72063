// Converts FILE to TARGET, and prints a line for each report of progress. At the step PAUSE it waits
// until it is killed.
import { convertLegacyStore } from '@switchyard/legacy-conversion';

const [file, target, pause] = process.argv.slice(2);
await convertLegacyStore({
  source: file,
  target: target === 'in-place' ? { type: 'in-place' } : { type: 'file', path: target },
  onProgress: async (progress) => {
    const name = progress.step === 'convert' ? progress.phase : progress.step;
    process.stdout.write(`${name}\n`);
    if (pause === name) await new Promise(() => undefined);
  },
});
process.stdout.write('done\n');

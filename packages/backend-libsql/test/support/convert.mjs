import { convertLegacyStore } from '@switchyard/backend-libsql/legacy-conversion';

const [file, target] = process.argv.slice(2);
process.stdout.write('converting\n');
await convertLegacyStore({
  source: file,
  target: target === 'in-place' ? { type: 'in-place' } : { type: 'file', path: target },
});
process.stdout.write('done\n');

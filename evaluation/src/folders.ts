import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder `evaluation` of the repository. */
export const evaluationFolder = fileURLToPath(new URL('../', import.meta.url));

/** Data sets and judgments. */
export const dataFolder = join(evaluationFolder, 'data');

/** Stores and vectors, made when they are missing; not under version control. */
export const cacheFolder = join(evaluationFolder, '.cache');

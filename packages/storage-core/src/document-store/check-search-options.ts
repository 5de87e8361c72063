import { checkNumber, checkObject, checkOneOf, checkSpelling, checkString } from '../runtime/check-fields.js';
import { checkContext, checkFtsWeights, checkLimit } from '../runtime/validate.js';
import { fusionPresets, resolveFusion } from '../search/fusion.js';
import { checkSnippetOptions } from '../search/snippet.js';
import { checkChunkFilter } from '../values/chunk-filter.js';
import { checkRerank } from './rerank.js';
import type { SearchOptions } from './types.js';

const MEMBERS = {
  limit: true,
  filter: true,
  vector: true,
  overfetchFactor: true,
  vectorMultiplier: true,
  fusion: true,
  ftsWeights: true,
  mode: true,
  snippet: true,
  rerank: true,
  rerankFrom: true,
  context: true,
  signal: true,
  deadline: true,
} satisfies Record<keyof SearchOptions, true>;

/**
 * Checks the text and the options of a search before anything is read or embedded.
 *
 * @throws TypeError that names the field.
 */
export function checkSearch(text: string, options: SearchOptions): void {
  checkString(text, 'text');
  checkObject(options, 'options');
  checkSpelling(options, MEMBERS, 'options');
  const { limit, overfetchFactor, vectorMultiplier, ftsWeights, fusion, mode, vector, filter, context } =
    options;
  const { snippet, rerank, rerankFrom } = options;
  if (limit !== undefined) checkLimit(limit);
  if (filter !== undefined) checkChunkFilter(filter);
  if (overfetchFactor !== undefined) checkNumber(overfetchFactor, 'overfetchFactor', 0);
  if (vectorMultiplier !== undefined) checkNumber(vectorMultiplier, 'vectorMultiplier', 0);
  if (ftsWeights !== undefined) checkFtsWeights(ftsWeights, 'ftsWeights');
  if (mode !== undefined) checkString(mode, 'mode');
  if (snippet !== undefined && typeof snippet !== 'boolean') checkSnippetOptions(snippet);
  if (rerank !== undefined && rerank !== null) checkRerank(rerank);
  if (rerankFrom !== undefined) checkLimit(rerankFrom, 'rerankFrom', 1);
  if (context !== undefined) checkContext(context, 'context');
  if (vector !== undefined && !(vector instanceof Float32Array)) {
    throw new TypeError('vector must be a Float32Array.');
  }
  if (fusion === undefined) return;
  const presets = Object.keys(fusionPresets);
  if (typeof fusion === 'string' && presets.includes(fusion)) return;
  checkObject(fusion, 'fusion', `or one of: ${presets.join(', ')}`);
  const { rule, vectorWeight, ftsWeight } = resolveFusion(fusion);
  if (rule !== undefined) checkOneOf(rule, ['ranked-union', 'reciprocal-rank'], 'fusion.rule');
  if (vectorWeight !== undefined) checkNumber(vectorWeight, 'fusion.vectorWeight');
  if (ftsWeight !== undefined) checkNumber(ftsWeight, 'fusion.ftsWeight');
}

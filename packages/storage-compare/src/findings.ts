import {
  type Answer,
  type ComparedVersion,
  type Comparison,
  isRealDifference,
  type PairResult,
  type StoreResult,
} from './types.js';

/** One observation about a comparison, in plain words. */
export interface Finding {
  /** `same`: as it should be; `note`: worth knowing; `difference`: the answers differ, or may. */
  readonly kind: 'same' | 'note' | 'difference';
  readonly text: string;
}

const numbers = new Intl.NumberFormat('en-US');
const count = (value: number, one: string, many = `${one}s`) =>
  `${numbers.format(value)} ${value === 1 ? one : many}`;

/** One sentence about a pair of stores that a person who is in a hurry can act on. */
export function verdictOf(comparison: Comparison, pair: PairResult): Finding {
  const { store, reference, different, latencyRatio } = pair;
  const queries = comparison.queries.length;
  if (countEmpty(comparison) === queries) {
    const text = `No store finds anything for any of ${count(queries, 'query', 'queries')}: nothing was compared.`;
    return { kind: 'difference', text };
  }
  const answers =
    different === 0
      ? `${store} gives the same answers as ${reference}`
      : `${store} gives other answers than ${reference} to ${numbers.format(different)} of ${count(queries, 'query', 'queries')}`;
  const speed = latencyRatio === null ? 'was not timed' : describeSpeed(latencyRatio);
  return { kind: different === 0 ? 'same' : 'difference', text: `${answers} and ${speed}.` };
}

function describeSpeed({ p50, pValue }: NonNullable<PairResult['latencyRatio']>): string {
  const isClear = (p50.high < 1 || p50.low > 1) && pValue < 0.05;
  if (!isClear) return 'is about as fast';
  return p50.value < 1
    ? `is ${factor(1 / p50.value)} times as fast at the median`
    : `takes ${factor(p50.value)} times as long at the median`;
}

function factor(value: number): string {
  return value >= 9.95 ? value.toFixed(0) : value >= 1.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Everything that explains a pair's result, most important first. */
export function findingsOf(comparison: Comparison, pair: PairResult): Finding[] {
  const at = comparison.pairs.indexOf(pair);
  const [a, b] = [comparison.stores[0] as StoreResult, comparison.stores[at + 1] as StoreResult];
  const findings: Finding[] = [];
  const difference = (text: string) => findings.push({ kind: 'difference', text });
  const note = (text: string) => findings.push({ kind: 'note', text });
  for (const store of [a, b]) {
    if (store.errors > 0) difference(`${store.name} failed in ${count(store.errors, 'query', 'queries')}.`);
  }
  compareProfiles(a, b).forEach(difference);
  const { 'near-tie': nearTies } = pair.relations;
  const otherTexts = comparison.queries.filter(({ answers }) => hasOtherText(answers, at)).length;
  if (otherTexts > 0) {
    difference(`In ${count(otherTexts, 'query', 'queries')}, a hit has another text in ${b.name}.`);
  }
  const contents = compareContents(a, b);
  contents.forEach(difference);
  // Other content changes the matches, the nearest chunks and the statistics of bm25: nothing can be concluded from them.
  const ranksAlike = [a, b].every(({ ranking = 'fts5-bm25' }) => ranking === 'fts5-bm25');
  if (contents.length === 0) explainDifferences(comparison, at, ranksAlike).forEach(difference);
  if (!ranksAlike) {
    const of = ({ name, ranking = 'fts5-bm25' }: StoreResult) => `${name} by ${ranking}`;
    note(
      `Full text is ranked differently (${of(a)}, ${of(b)}): other scores and another order of the matches are expected.`,
    );
  }
  if (nearTies > 0) {
    note(
      `In ${count(nearTies, 'query', 'queries')}, hits change places only because their distances or scores are equal but for rounding.`,
    );
  }
  if (b.recall !== null && a.recall !== null && b.recall.worst < 1) {
    const { worst, p5, mean } = b.recall;
    note(
      `${b.name} finds ${percent(mean)} of the exactly nearest chunks (5th percentile ${percent(p5)}, worst query ${percent(worst)}).`,
    );
  }
  const empty = countEmpty(comparison);
  if (empty > 0) note(`For ${count(empty, 'query', 'queries')}, no store finds anything.`);
  if (findings.length === 0) {
    findings.push({
      kind: 'same',
      text: 'Hits, order, ranks, texts and scores are the same in every query.',
    });
  }
  return findings;
}

/** Number of queries for which no store found anything: their answers agree without saying anything. */
export function countEmpty({ queries }: Pick<Comparison, 'queries'>): number {
  return queries.filter(({ answers }) =>
    answers.every(({ hits, error }) => hits.length === 0 && error === null),
  ).length;
}

function hasOtherText(answers: readonly Answer[], at: number): boolean {
  const chunks = new Map(answers[0]?.hits.map(({ key, chunk }) => [key, chunk]));
  return answers[at + 1]?.hits.some(({ key, chunk }) => (chunks.get(key) ?? chunk) !== chunk) ?? false;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share === 1 ? 0 : 1)} %`;
}

function compareProfiles(a: StoreResult, b: StoreResult): string[] {
  const [one, other] = [a.profile, b.profile];
  if (one === null || other === null) {
    return one === other ? [] : [`${(one === null ? a : b).name} has no vectors.`];
  }
  return [
    ...(one.metric === other.metric
      ? []
      : [`The metric differs: ${one.metric} in ${a.name}, ${other.metric} in ${b.name}.`]),
    ...(one.dimension === other.dimension && one.model === other.model
      ? []
      : [
          `The embedding model differs: ${one.model ?? 'unknown'} (${one.dimension}) in ${a.name}, ${other.model ?? 'unknown'} (${other.dimension}) in ${b.name}.`,
        ]),
  ];
}

function compareContents(a: StoreResult, b: StoreResult): string[] {
  const nameOf = ({ library, version }: ComparedVersion) =>
    version === '' ? library : `${library}@${version}`;
  const others = new Map(b.versions.map((version) => [nameOf(version), version]));
  const texts = a.versions.flatMap((version) => {
    const name = nameOf(version);
    const other = others.get(name);
    others.delete(name);
    if (other === undefined) return [`${b.name} has no ${name}.`];
    const missing = (['chunks', 'vectors'] as const).flatMap((what) => {
      const [one, two] = [version[what], other[what]];
      if (one === null || two === null || one === two) return [];
      return [`${numbers.format(Math.abs(one - two))} ${what} ${two < one ? 'fewer' : 'more'}`];
    });
    if (missing.length > 0) return [`${b.name} has ${missing.join(' and ')} in ${name}.`];
    return other.digest === version.digest ? [] : [`The content of ${name} differs.`];
  });
  return [...texts, ...[...others.keys()].map((name) => `${a.name} has no ${name}.`)];
}

/** Says which part of the search differs, from the lists that the answers were fused from. */
function explainDifferences({ queries }: Comparison, at: number, ranksAlike: boolean): string[] {
  const real = queries.flatMap(({ pairs }, index) => {
    const pair = pairs[at];
    return pair !== undefined && isRealDifference(pair.relation) && pair.relation !== 'error'
      ? [{ ...pair, query: queries[index] as Comparison['queries'][number] }]
      : [];
  });
  const tally = (test: (one: (typeof real)[number]) => boolean) => real.filter(test).length;
  const of = (found: number, text: string) =>
    found === 0 ? [] : [`In ${count(found, 'query', 'queries')}, ${text}.`];
  const isSwapped = ({ query }: (typeof real)[number]) => {
    const [one, other] = [query.answers[0]?.hits ?? [], query.answers[at + 1]?.hits ?? []];
    const ranks = new Map(other.map((hit) => [hit.key, hit]));
    const common = one.flatMap((hit) => {
      const found = ranks.get(hit.key);
      return found === undefined ? [] : [[hit, found] as const];
    });
    return (
      common.some(([hit]) => hit.vecRank !== hit.ftsRank) &&
      common.every(([hit, found]) => hit.vecRank === found.ftsRank && hit.ftsRank === found.vecRank)
    );
  };
  const swapped = tally(isSwapped);
  const isFusion = (one: (typeof real)[number]) =>
    one.vectorList !== 'reordered' &&
    one.vectorList !== 'other' &&
    one.wordsList === 'same' &&
    one.relation !== 'text' &&
    !isSwapped(one);
  return [
    ...of(swapped, 'the vector rank and the full-text rank of the hits are exchanged'),
    ...of(
      tally(({ wordsList }) => wordsList === 'other'),
      'full text matches other chunks: the tokenizer, the stemming or the text differs',
    ),
    ...of(
      ranksAlike ? tally(({ wordsList }) => wordsList === 'reordered') : 0,
      'full text matches the same chunks with other scores: the weights or the statistics of bm25 differ',
    ),
    ...of(
      tally(({ vectorList }) => vectorList === 'other'),
      'the nearest chunks are others: vectors, metric or search mode differ',
    ),
    ...of(
      tally(({ vectorList }) => vectorList === 'reordered'),
      'the nearest chunks are the same at other distances: vectors or metric differ',
    ),
    ...of(tally(isFusion), 'both lists are the same, but they are fused differently'),
  ];
}

import { stemsOf } from '../report/excerpt.js';
import type { PageAnswer, PageChunk, PageHit, PageStore } from '../report/page-data.js';
import { element, marked } from './elements.js';

/** Content shown for one query. */
export interface ShownAnswers {
  readonly stores: readonly PageStore[];
  readonly text: string;
  readonly answers: readonly PageAnswer[];
  readonly chunks: readonly PageChunk[];
}

/** The ranked lists of all stores side by side, with lines between the places of the same hit. */
export function answerLists(shown: ShownAnswers): HTMLElement {
  const columns = shown.stores.map((store, index) => column(shown, store, index));
  const lists = element('div', { class: 'lists' }, ...columns);
  const draw = () => drawLines(lists, shown.answers);
  // Lines depend on the heights that the layout gives.
  new ResizeObserver(draw).observe(lists);
  return lists;
}

function column(shown: ShownAnswers, { name, label }: PageStore, index: number): HTMLElement {
  const answer = shown.answers[index] as PageAnswer;
  const time = answer.ms === null ? '' : ` · ${answer.ms.toPrecision(3)} ms`;
  const heading = element(
    'h4',
    { title: label },
    element('span', { class: `key store-${index % 6}` }, name),
    `${time}`,
  );
  if (answer.error !== null) {
    return element('div', {}, heading, element('p', { class: 'message' }, answer.error));
  }
  if (answer.hits.length === 0) return element('div', {}, heading, element('p', {}, 'Nothing found.'));
  const items = answer.hits.map((hit, rank) => hitItem(shown, hit, rank, index));
  return element('div', {}, heading, element('ol', { 'aria-label': `Hits of ${name}` }, ...items));
}

/** Place of a hit in another list, from 0; -1 without one. */
function placeIn(answer: PageAnswer | undefined, [key]: PageHit): number {
  return answer?.hits.findIndex(([other]) => other === key) ?? -1;
}

function hitItem(shown: ShownAnswers, hit: PageHit, rank: number, index: number): HTMLElement {
  const [, chunk, score, vecRank, ftsRank] = hit;
  const { url, title, text } = shown.chunks[chunk] as PageChunk;
  const difference = describeDifference(shown, hit, rank, index);
  const ranks = [
    `score ${score.toPrecision(6)}`,
    ...(vecRank === null ? [] : [`vector #${vecRank}`]),
    ...(ftsRank === null ? [] : [`full text #${ftsRank}`]),
  ].join(' · ');
  return element(
    'li',
    { class: `hit ${difference?.kind ?? ''}`, 'data-key': String(hit[0]) },
    element('p', {}, element('strong', {}, `${rank + 1}. ${title}`)),
    ...(difference === null
      ? []
      : [element('p', {}, ...difference.badges.map((badge) => element('span', { class: 'badge' }, badge)))]),
    element('p', { class: 'numbers' }, ranks),
    element('p', { class: 'url' }, url),
    element('p', {}, ...marked(text, stemsOf(shown.text))),
  );
}

interface Difference {
  readonly kind: 'only' | 'moved' | 'text' | 'ranks';
  readonly badges: readonly string[];
}

/** Compares with the first store, or in its own list with the second. */
function describeDifference(
  { stores, answers }: ShownAnswers,
  hit: PageHit,
  rank: number,
  index: number,
): Difference | null {
  const against = index === 0 ? 1 : 0;
  const other = answers[against];
  if (other === undefined || other.error !== null) return null;
  const name = stores[against]?.name ?? '';
  const place = placeIn(other, hit);
  const same = other.hits[place];
  if (same === undefined) return { kind: 'only', badges: [`not in ${name}`] };
  const [, chunk, , vecRank, ftsRank] = hit;
  const badges: string[] = [];
  const kinds: Difference['kind'][] = [];
  if (chunk !== same[1]) {
    kinds.push('text');
    badges.push(`other text than in ${name}`);
  }
  if (place !== rank) {
    kinds.push('moved');
    badges.push(`${place > rank ? '↑' : '↓'} #${place + 1} in ${name}`);
  }
  if (vecRank !== same[3]) badges.push(`vector #${same[3] ?? '–'} in ${name}`);
  if (ftsRank !== same[4]) badges.push(`full text #${same[4] ?? '–'} in ${name}`);
  if (badges.length === 0) return null;
  return { kind: kinds[0] ?? 'ranks', badges };
}

const SVG = 'http://www.w3.org/2000/svg';

function drawLines(lists: HTMLElement, answers: readonly PageAnswer[]): void {
  lists.querySelector('svg')?.remove();
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const frame = lists.getBoundingClientRect();
  const columns = [...lists.querySelectorAll(':scope > div')];
  for (let left = 0; left + 1 < columns.length; left++) {
    for (const [rank, hit] of (answers[left]?.hits ?? []).entries()) {
      const place = placeIn(answers[left + 1], hit);
      const from = columns[left]?.querySelectorAll('.hit')[rank]?.getBoundingClientRect();
      const to = columns[left + 1]?.querySelectorAll('.hit')[place]?.getBoundingClientRect();
      if (from === undefined || to === undefined) continue;
      const [x1, x2] = [from.right - frame.left, to.left - frame.left];
      const [y1, y2] = [from.top + 20 - frame.top, to.top + 20 - frame.top];
      const middle = (x1 + x2) / 2;
      const path = document.createElementNS(SVG, 'path');
      path.setAttribute('d', `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`);
      if (place !== rank) path.setAttribute('class', 'moved');
      svg.append(path);
    }
  }
  lists.append(svg);
}

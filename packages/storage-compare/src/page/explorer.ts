import type { PageData, PageQuery } from '../report/page-data.js';
import { answerLists } from './answer-lists.js';
import { element } from './elements.js';

const names: Readonly<Record<string, string>> = {
  identical: 'identical',
  'near-tie': 'near ties only',
  scores: 'other scores',
  ranks: 'other ranks',
  text: 'other text',
  order: 'other order',
  hits: 'other hits',
  error: 'error',
};

const differs = ({ pairs }: PageQuery): boolean =>
  pairs.some(({ relation }) => relation !== 'identical' && relation !== 'near-tie');

/** The list of queries with its filters, and the answers of the chosen one. `#q12` links to the twelfth query. */
export function mountExplorer(root: HTMLElement, data: PageData): void {
  const different = data.queries.filter(differs).length;
  const only = element('input', { type: 'checkbox', id: 'only' });
  const search = element('input', { type: 'search', id: 'find', placeholder: 'word or library' });
  const count = element('span', { role: 'status', class: 'count' });
  const list = element('ul', { class: 'query-list', 'aria-label': 'Queries' });
  const answers = element('div', { class: 'answers', tabindex: '-1', 'aria-live': 'polite' });
  const links = data.queries.map((query, index) => queryLink(query, index));
  let current = 0;

  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const [index, query] of data.queries.entries()) {
      const isShown =
        (!only.checked || differs(query)) &&
        (wanted === '' ||
          `${query.where} ${query.text} ${query.intent ?? ''}`.toLowerCase().includes(wanted));
      (links[index] as HTMLElement).classList.toggle('hidden', !isShown);
      if (isShown) shown += 1;
    }
    count.textContent = `${shown} of ${data.queries.length} queries`;
  };
  const show = (index: number) => {
    const query = data.queries[index];
    if (query === undefined) return;
    current = index;
    for (const [at, item] of links.entries()) {
      const link = item.firstElementChild as HTMLElement;
      if (at === index) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    answers.replaceChildren(...queryDetails(data, query, index));
  };
  const step = (by: number) => {
    for (let at = current + by; at >= 0 && at < links.length; at += by) {
      const item = links[at] as HTMLElement;
      if (item.classList.contains('hidden')) continue;
      (item.firstElementChild as HTMLElement).focus();
      location.hash = `q${at + 1}`;
      return;
    }
  };
  const follow = () => {
    const number = Number(/^#q(\d+)$/.exec(location.hash)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) return;
    show(number - 1);
    (links[number - 1]?.firstElementChild as HTMLElement | undefined)?.scrollIntoView({ block: 'nearest' });
    document.getElementById('explorer')?.scrollIntoView({ block: 'start' });
  };

  list.append(...links);
  only.addEventListener('change', filter);
  search.addEventListener('input', filter);
  list.addEventListener('keydown', (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    step(by);
  });
  window.addEventListener('hashchange', follow);
  root.append(
    element(
      'div',
      { class: 'controls' },
      element('label', { for: 'only' }, only, ` Only where they differ (${different})`),
      element('label', { for: 'find' }, 'Find ', search),
      count,
    ),
    element('div', { class: 'explorer' }, list, answers),
  );
  // Differences are what a reader comes for.
  if (different > 0) only.checked = true;
  filter();
  show(different > 0 ? data.queries.findIndex(differs) : 0);
  follow();
}

function queryLink({ text, where, pairs }: PageQuery, index: number): HTMLElement {
  const relations = pairs.map(({ relation }) => names[relation] ?? relation).join(', ');
  const swatches = pairs.map(({ relation }) =>
    element('span', { class: `swatch relation-${relation}`, 'aria-hidden': 'true' }),
  );
  return element(
    'li',
    {},
    element(
      'a',
      { href: `#q${index + 1}` },
      ...swatches,
      text,
      element('small', {}, `${where} · ${relations}`),
    ),
  );
}

function queryDetails(data: PageData, query: PageQuery, index: number): HTMLElement[] {
  const { where, text, intent, pairs, answers } = query;
  const facts = pairs.map(
    ({ relation, overlap, rankBiasedOverlap }, at) =>
      `${data.stores[at + 1]?.name}: ${names[relation] ?? relation}, overlap ${overlap.toFixed(3)}, rank-biased ${rankBiasedOverlap.toFixed(3)}`,
  );
  const about = [where, ...(intent === null ? [] : [intent]), ...facts].join(' · ');
  return [
    element('h3', { class: 'query-title' }, text),
    element('p', { class: 'kicker' }, `${about} · `, element('a', { href: `#q${index + 1}` }, 'link')),
    answerLists({ stores: data.stores, text, answers, chunks: data.chunks }),
  ];
}

import type { PageData } from '../report/page-data.js';
import { answerLists } from './answer-lists.js';
import { element } from './elements.js';

/** The box that asks the server of the page: both answers and both latencies at once. */
export function mountLiveBox(root: HTMLElement, data: PageData): void {
  const choice = element(
    'select',
    { id: 'live-version' },
    ...data.versions.map(({ library, version }, index) =>
      element('option', { value: String(index) }, version === '' ? library : `${library}@${version}`),
    ),
  );
  const text = element('input', { type: 'search', id: 'live-text', size: '40', required: '' });
  const button = element('button', { type: 'submit' }, 'Search');
  const result = element('div', { 'aria-live': 'polite', id: 'live-result' });
  const form = element(
    'form',
    { class: 'controls' },
    element('label', { for: 'live-version' }, 'In ', choice),
    element('label', { for: 'live-text' }, 'for ', text),
    button,
  );
  // Only the latest answer is shown, in whatever order they come.
  let latest = 0;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const version = data.versions[Number(choice.value)];
    if (version === undefined || text.value.trim() === '') return;
    latest += 1;
    const own = latest;
    ask({ ...version, text: text.value })
      .then((answer) => {
        if (own !== latest) return;
        result.replaceChildren(answerLists({ stores: data.stores, text: text.value, ...answer }));
      })
      .catch((error: unknown) => {
        if (own === latest) result.replaceChildren(element('p', { class: 'message' }, String(error)));
      });
  });
  root.append(form, result);
}

async function ask(
  question: object,
): Promise<Pick<PageData['queries'][number], 'answers'> & Pick<PageData, 'chunks'>> {
  const response = await fetch('/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Awaited<ReturnType<typeof ask>>;
}

import { matchesStem } from '../report/excerpt.js';

/** Creates an element; texts become text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, value);
  created.append(...children);
  return created;
}

/** The text with the words of the query marked. */
export function marked(text: string, stems: readonly string[]): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    if (!matchesStem(word, stems)) continue;
    parts.push(text.slice(end, index), element('mark', {}, word));
    end = index + word.length;
  }
  parts.push(text.slice(end));
  return parts;
}

import { createRandom } from '../harness/random.js';
import type { Corpus } from './pages.js';

/** Forms of questions about a heading. */
const forms: readonly ((heading: string) => string)[] = [
  (heading) => heading,
  (heading) => `How do I use ${heading}?`,
  (heading) => `what is ${heading} and when should I use it`,
  (heading) => `${heading} example`,
  (heading) => `How can I configure ${heading} in my application?`,
  (heading) => `${heading} not working error`,
];

/**
 * Generates realistic searches: questions that occur in the documentation itself, alternating with headings put into
 * forms of questions, in a fixed order.
 */
export function makeQuestions(corpus: Corpus, count: number): string[] {
  const asked = new Set<string>();
  const headings = new Set<string>();
  for (const page of corpus.pages) {
    for (const { content, metadata } of page.chunks) {
      for (const line of content.split('\n')) {
        const plain = line.replace(/[#*_`>]/g, '').trim();
        if (plain.length > 15 && plain.length < 120 && /^[A-Z][\w ,'’()./-]+\?$/.test(plain))
          asked.add(plain);
      }
      const heading = metadata.path.at(-1)?.replace(/[`*]/g, '').trim() ?? '';
      if (heading.length > 5 && heading.length < 60 && /^[A-Za-z][\w .()/-]+$/.test(heading))
        headings.add(heading);
    }
  }
  const random = createRandom(77);
  const draw = (list: string[]): string => list.splice(random.below(list.length), 1)[0] ?? '';
  const human = [...asked];
  const titles = [...headings];
  const questions: string[] = [];
  while (questions.length < count && human.length + titles.length > 0) {
    const form = forms[questions.length % forms.length] as (heading: string) => string;
    questions.push(questions.length % 3 === 0 && human.length > 0 ? draw(human) : form(draw(titles)));
  }
  return questions;
}

import { createBackend } from '../content/open-store.js';
import { createRandom } from '../harness/random.js';
import type { Base, Kind, Question } from './types.js';

const MAX_URLS = 40;
const MAX_SEARCHES = 6;

/** Connection string of a copy of a base, for use through the ports; older stores are migrated. */
export function connectionOf(kind: Kind, file: string, isolated = false): string {
  const store = storeOf(kind, file);
  if (kind === 'legacy') return `${store}?migrate=auto`; // @legacy
  return isolated ? `${store}?isolation=process` : store;
}

/** Chooses questions for a base by its content. @param file A copy of the base. */
export async function chooseQuestions(base: Base, file: string): Promise<Question[]> {
  const backend = createBackend(connectionOf(base.kind, file), true);
  await backend.open();
  const random = createRandom('questions', base.name);
  const questions: Question[] = [{ op: 'overview' }];
  const urls: Question[] = [];
  const searches: Question[] = [];
  for (const { version } of await backend.catalog.overview()) {
    const { id: versionId, library, name } = version;
    questions.push({ op: 'pages', versionId }, { op: 'content', versionId });
    for (let after = 0; ; ) {
      const pages = await backend.catalog.snapshot({ version: { versionId }, after, limit: 50 });
      for (const { page, chunks } of pages) {
        urls.push({
          op: 'chunks',
          version: { library, version: name },
          url: page.url,
        });
        for (const { content, vector } of chunks) {
          const term = /\p{L}[\p{L}\p{N}]{5,}/u.exec(content)?.[0];
          if (term !== undefined) searches.push({ op: 'words', versionId, term });
          if (vector !== null) searches.push({ op: 'nearest', versionId, vector });
        }
      }
      const last = pages.at(-1);
      if (last === undefined) break;
      after = last.page.id;
    }
  }
  await backend.close();
  const some = (from: Question[], count: number): Question[] => {
    const left = [...from];
    return Array.from(
      { length: Math.min(count, left.length) },
      () => left.splice(random.below(left.length), 1)[0] as Question,
    );
  };
  const words = searches.filter(({ op }) => op === 'words');
  const nearest = searches.filter(({ op }) => op === 'nearest');
  return [
    ...questions,
    ...some(urls, MAX_URLS),
    ...some(words, MAX_SEARCHES),
    ...some(nearest, MAX_SEARCHES),
  ];
}

const prefixes: Readonly<Record<Kind, string>> = {
  libsql: '',
  legacy: 'sqlite-vec:', // @legacy
};

/** Connection string of a copy of a base, for commands. */
export function storeOf(kind: Kind, file: string): string {
  return `${prefixes[kind]}${file}`;
}

/** Step name of a question. */
export function stepOf(question: Question, index: number): string {
  return `${question.op}#${index}`;
}

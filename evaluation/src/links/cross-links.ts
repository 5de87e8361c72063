import { posix } from 'node:path';
import type { LibrarySource, SourceFile } from '../corpus/read-corpus.js';
import { extractLinks, withoutLines } from './extract-links.js';

/** Links with the same text: one question, and the pages that the authors answered it with. */
export interface LinkQuestion {
  readonly library: string;
  readonly text: string;
  /** URLs of the pages that the links lead to. */
  readonly targets: readonly string[];
}

/** Questions from the cross-links of a library, and its documentation without the lines that hold them. */
export interface CrossLinks {
  readonly questions: readonly LinkQuestion[];
  readonly source: LibrarySource;
}

/** Texts that say nothing about the page they lead to. */
const meaningless = new Set(
  'here,there,see,this,link,docs,doc,documentation,guide,guides,example,examples,more,more info,more information,read more,below,above,page,section,reference,api,readme,source,website,learn more,more details,details,note,documentation page,documentation guide,the documentation,back to top,option,function,content,workaround,emits,api docs,full documentation'.split(
    ',',
  ),
);

/**
 * Makes questions of the links from one page of a library to another. A link counts if its text has at least three
 * letters or digits, is no URL or file name, and is not the name of the library or a word such as "here".
 */
export function crossLinks(source: LibrarySource): CrossLinks {
  const byPath = new Map(source.files.map((file) => [file.path, file]));
  const questions = new Map<string, { text: string; targets: Set<string> }>();
  const files = source.files.map((file) => {
    const taken = new Set<number>();
    for (const { text, target, line, lastLine } of extractLinks(file.text)) {
      const page = findPage(source, byPath, file, target);
      const question = toQuestion(text, source.library.name);
      if (page === null || page === file || question === null) continue;
      const key = question.toLowerCase();
      const entry = questions.get(key) ?? { text: question, targets: new Set() };
      entry.targets.add(page.url);
      questions.set(key, entry);
      for (let at = line; at <= lastLine; at++) taken.add(at);
    }
    return { ...file, text: withoutLines(file.text, taken) };
  });
  return {
    questions: [...questions.values()].map(({ text, targets }) => ({
      library: source.library.name,
      text,
      targets: [...targets].sort(),
    })),
    source: { ...source, files },
  };
}

/** Cleans the text of a link; null for one that is no question. */
function toQuestion(text: string, library: string): string | null {
  const clean = text.replaceAll(/[⇗↗→]/gu, '').replaceAll(/\s+/g, ' ').trim();
  const letters = clean.match(/[\p{L}\d]/gu)?.length ?? 0;
  const isName = /:\/\/|^[\w./-]+\.(?:md|js|ts|html)$/i.test(clean);
  const isMeaningless = meaningless.has(clean.toLowerCase()) || clean.toLowerCase() === library;
  return letters < 3 || isName || isMeaningless ? null : clean;
}

/** Finds the page of the same library that a link leads to. */
function findPage(
  { library }: LibrarySource,
  byPath: ReadonlyMap<string, SourceFile>,
  from: SourceFile,
  target: string,
): SourceFile | null {
  const [address = ''] = target.split(/[#?]/);
  const site = library.sites.find(([prefix]) => target.startsWith(prefix));
  if (site === undefined && (/^[a-z][\w+.-]*:/i.test(target) || address === '')) return null;
  const path =
    site === undefined
      ? posix.join(address.startsWith('/') ? '' : posix.dirname(from.path), decodeURIComponent(address))
      : site[1] + decodeURIComponent(target.slice(site[0].length).split(/[#?]/)[0] ?? '');
  const plain = path.replace(/^\//, '').replace(/\/$/, '');
  for (const candidate of [plain, `${plain}.md`, `docs/${plain}`, `docs/${plain}.md`]) {
    const page = byPath.get(candidate);
    if (page !== undefined) return page;
  }
  return null;
}

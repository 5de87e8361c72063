/** Reads documentation from a folder or an installed npm package and splits Markdown into chunks by heading. */
export {
  type Docs,
  type DocsOptions,
  type DocsPage,
  type DocsProgress,
  loadDocs,
  openDocs,
} from './open-docs.js';
export type { DocsWarning } from './source/warnings.js';
export type { FrontMatter } from './split/front-matter/front-matter.js';
export type { FrontMatterFormat } from './split/front-matter/parse-mapping.js';
export type { ChunkSizes } from './split/sizes.js';
export { type SplitPage, splitMarkdown, splitText } from './split/split-markdown.js';

import { fileURLToPath } from 'node:url';
import { openDocs } from '@switchyard/docs-loader';
import type { PageDocument } from '@switchyard/storage-core';

/** Documentation of one package, split into chunks. */
export interface Documentation {
  readonly library: string;
  readonly version: string;
  readonly pages: readonly PageDocument[];
  readonly chunks: number;
  /** Pages that were omitted to keep the demo short. */
  readonly leftOut: number;
}

/** Dependencies of this example that contain documentation. */
const packages = ['fastify', 'undici', 'pino'];

const docsFolder = /^docs\//;
const asideTopics =
  /\/(?:Migration-Guide|Ecosystem|Type-?Script|Type-Providers|Serverless|Style-Guide|Prototype-Poisoning|LTS)[^/]*$/i;

/**
 * Reads the documentation of all packages. Embedding takes most of the time of the demo, so what few questions are
 * about is left out unless `all` is asked for: policies and readmes outside the folder of documentation, migration
 * guides, lists of plugins, typings, hosting.
 *
 * @param warn Called for files that cannot be read.
 */
export async function loadDocumentation(
  all: boolean,
  warn: (message: string) => void,
): Promise<Documentation[]> {
  const from = fileURLToPath(new URL('.', import.meta.url));
  const documentation: Documentation[] = [];
  for (const name of packages) {
    let leftOut = 0;
    const filter = (path: string): boolean => {
      const wanted = all || (docsFolder.test(path) && !asideTopics.test(path));
      if (!wanted) leftOut += 1;
      return wanted;
    };
    const docs = await openDocs(`npm:${name}`, { from, filter, onWarning: ({ message }) => warn(message) });
    const pages: PageDocument[] = [];
    for await (const page of docs.pages()) pages.push(page);
    const chunks = pages.reduce((sum, page) => sum + page.chunks.length, 0);
    documentation.push({ library: docs.library, version: docs.version, pages, chunks, leftOut });
  }
  return documentation;
}

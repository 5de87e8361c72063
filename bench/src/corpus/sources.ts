import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDocs, splitMarkdown } from '@switchyard/docs-loader';
import type { PageDocument } from '@switchyard/storage-core';
import { benchFolder, corpusFolder } from './install.js';
import type { CorpusPage } from './types.js';

/** Packages whose Markdown is read, and where they are installed. */
const packages = [
  { name: 'fastify', from: benchFolder },
  { name: 'undici', from: benchFolder },
  { name: 'pino', from: benchFolder },
  { name: 'next', from: corpusFolder },
  { name: 'ai', from: corpusFolder },
  { name: 'npm', from: corpusFolder },
  { name: 'aws-cdk-lib', from: corpusFolder },
] as const;

/** SAP Fiori's documentation comes as one JSON object a line, with Markdown inside. */
const recordsFile = join(
  corpusFolder,
  'node_modules/@sap-ux/fiori-docs-embeddings/data/embeddings/records.jsonl',
);

/** Every page of documentation that is installed, cut into chunks by its headings, in a fixed order. */
export async function readSources(): Promise<CorpusPage[]> {
  const pages: CorpusPage[] = [];
  for (const { name, from } of packages) {
    if (!existsSync(join(from === benchFolder ? join(benchFolder, '..') : from, 'node_modules', name)))
      continue;
    const docs = await openDocs(`npm:${name}`, { from });
    for await (const page of docs.pages()) pages.push(toCorpusPage(page));
  }
  if (existsSync(recordsFile)) {
    for (const line of readFileSync(recordsFile, 'utf8').trim().split('\n')) {
      const record = JSON.parse(line) as {
        readonly id: string;
        readonly title: string;
        readonly content: string;
      };
      const { chunks } = splitMarkdown(record.content);
      pages.push(toCorpusPage({ url: `fiori:${record.id}`, title: record.title, chunks }));
    }
  }
  return pages;
}

function toCorpusPage({ url, title, chunks }: PageDocument): CorpusPage {
  return {
    url,
    title: title ?? url,
    chunks: chunks.map(({ content, metadata }) => ({
      content,
      metadata: { types: [...metadata.types], level: metadata.level ?? 0, path: [...metadata.path] },
    })),
  };
}

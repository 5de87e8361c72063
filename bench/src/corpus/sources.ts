import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDocs, splitMarkdown } from '@switchyard/docs-loader';
import type { PageDocument } from '@switchyard/storage-core';
import type { Progress } from '../harness/progress.js';
import { cacheFolder } from './cache.js';
import { corpusFolder, rootFolder } from './install.js';
import type { CorpusPage } from './types.js';

/** Packages whose Markdown is read, and their location. */
const packages = [
  { name: 'fastify', from: rootFolder },
  { name: 'undici', from: rootFolder },
  { name: 'pino', from: rootFolder },
  { name: 'next', from: corpusFolder },
  { name: 'ai', from: corpusFolder },
  { name: 'npm', from: corpusFolder },
  { name: 'aws-cdk-lib', from: corpusFolder },
] as const;

/** SAP Fiori's documentation comes as one JSON object per line, with Markdown inside. */
const recordsFile = join(
  corpusFolder,
  'node_modules/@sap-ux/fiori-docs-embeddings/data/embeddings/records.jsonl',
);

/**
 * Returns every page of the installed documentation, split into chunks by its headings, in a fixed order. Reading 16 MB
 * of Markdown takes half a minute, so the result is cached until a package or the splitter changes.
 */
export async function readSources(progress: Progress): Promise<CorpusPage[]> {
  const file = join(cacheFolder(), `pages-${fingerprint()}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as CorpusPage[];
  progress.say('Reading the documentation and splitting it into chunks; cached for the next run');
  const pages = await splitSources();
  // Under another name first: an interrupted run must not leave a file that looks complete.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(pages));
  renameSync(unfinished, file);
  return pages;
}

/** Hash of everything the chunks depend on: the versions of the packages and the code of the splitter. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const { folder } of installed()) hash.update(readFileSync(join(folder, 'package.json')));
  if (existsSync(recordsFile)) hash.update(readFileSync(recordsFile));
  const splitter = dirname(fileURLToPath(import.meta.resolve('@switchyard/docs-loader')));
  for (const name of readdirSync(splitter, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.js')) hash.update(readFileSync(join(splitter, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

function installed(): readonly { readonly name: string; readonly from: string; readonly folder: string }[] {
  return packages
    .map(({ name, from }) => ({ name, from, folder: join(from, 'node_modules', name) }))
    .filter(({ folder }) => existsSync(folder));
}

async function splitSources(): Promise<CorpusPage[]> {
  const pages: CorpusPage[] = [];
  for (const { name, from } of installed()) {
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

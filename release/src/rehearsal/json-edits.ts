import { basename } from 'node:path/posix';
import type { Removal } from './removal.js';

type Json = Record<string, unknown>;

/** Fields of a package.json that name packages as keys. */
const DEPENDENCY_FIELDS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'allowScripts',
  'overrides',
];

/** Removes dependencies, keywords and scripts from a package.json, and references from a tsconfig file. */
export function editJson(path: string, text: string, removal: Removal): string {
  const name = basename(path);
  if (name === 'package.json') return edit(text, (json) => editManifest(json, removal));
  if (/^tsconfig(?:\.\w+)?\.json$/.test(name)) return edit(text, (json) => editReferences(json, removal));
  return text;
}

function edit(text: string, change: (json: Json) => void): string {
  const json = JSON.parse(text) as Json;
  const before = JSON.stringify(json);
  change(json);
  return JSON.stringify(json) === before ? text : `${JSON.stringify(json, null, 2)}\n`;
}

function editManifest(json: Json, { packages, dependencies, scripts }: Removal): void {
  const gone = [...packages, ...dependencies];
  for (const field of DEPENDENCY_FIELDS) {
    const listed = json[field] as Json | undefined;
    if (listed === undefined) continue;
    const count = Object.keys(listed).length;
    for (const name of gone) delete listed[name];
    if (count > 0 && Object.keys(listed).length === 0) delete json[field];
  }
  if (Array.isArray(json.keywords)) json.keywords = json.keywords.filter((word) => !gone.includes(word));
  if (Array.isArray(json.workspaces)) editScripts(json, scripts); // the root
}

function editScripts({ scripts }: Json, names: readonly string[]): void {
  for (const name of names) delete (scripts as Json)[name];
}

function editReferences(json: Json, { packages }: Removal): void {
  if (!Array.isArray(json.references)) return;
  const folders = packages.map((name) => basename(name));
  json.references = json.references.filter(
    ({ path }: { readonly path: string }) => !folders.includes(basename(path)),
  );
}

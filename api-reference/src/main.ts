import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Application } from 'typedoc';
import { entryModules } from './entry-modules.js';
import { linkByName } from './link-by-name.js';
import { validate } from './validate.js';

const root = join(import.meta.dirname, '../..');
const home = join(root, 'api-reference');
const site = join(home, 'site');

const modules = entryModules(root);
const app = await Application.bootstrap({
  name: 'Switchyard',
  basePath: root,
  tsconfig: join(home, 'tsconfig.declarations.json'),
  entryPoints: modules.map(({ declarations }) => declarations),
  readme: join(home, 'index.md'),
  logLevel: 'Warn',
  // The build has checked the types with the compiler of the repository.
  skipErrorChecking: true,
  // There is no public repository to link to yet.
  disableSources: true,
  githubPages: false,
  excludePrivate: true,
  excludeInternal: true,
});

const byFile = new Map(modules.map((module) => [module.declarations, module]));
const entries = (app.getEntryPoints() ?? []).map((entry) => ({
  ...entry,
  displayName: byFile.get(entry.sourceFile.fileName)?.name ?? entry.displayName,
}));
const project = app.converter.convert(entries);
linkByName(project);
for (const { name, readme } of modules) {
  const reflection = project.getChildByName([name]);
  if (readme === null || !reflection?.isDeclaration()) continue;
  // The page has a title of its own.
  reflection.readme = [{ kind: 'text', text: readFileSync(readme, 'utf8').replace(/^# .*\n+/, '') }];
}
validate(app, project, [...new Set(modules.map(({ packageName }) => packageName))]);
rmSync(site, { recursive: true, force: true });
await app.generateDocs(project, site);
if (app.logger.hasErrors() || app.logger.hasWarnings()) {
  process.exitCode = 1; // Typedoc has printed them: links that lead nowhere, and types that no package exports.
} else {
  console.log(`${entries.length} modules: api-reference/site/index.html`);
}

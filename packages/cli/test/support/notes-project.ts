import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { put } from './temp.js';

const root = join(import.meta.dirname, '../../../..');

/** Creates a project in which the backend of a third party is installed, and returns its folder. */
export function notesProject(folder: string): string {
  const project = join(folder, 'project');
  const modules = join(project, 'node_modules');
  mkdirSync(modules, { recursive: true });
  cpSync(join(import.meta.dirname, 'notes-backend'), join(modules, 'notes-backend'), { recursive: true });
  symlinkSync(join(root, 'node_modules/@switchyard'), join(modules, '@switchyard'), 'dir');
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ type: 'module', dependencies: { 'notes-backend': '1.0.0', absent: '1.0.0' } }),
  );
  put(
    project,
    'docs/routes.md',
    '# Routes\n\nDeclare a route with a handler.\n\n## Hooks\n\nA hook runs before it.\n',
  );
  put(project, 'docs/plugins.md', '# Plugins\n\nRegister a plugin at start.\n');
  return realpathSync(project);
}

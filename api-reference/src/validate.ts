import type { Application, ProjectReflection } from 'typedoc';

const nothing = {
  invalidLink: false,
  invalidPath: false,
  notDocumented: false,
  notExported: false,
  rewrittenLink: false,
  unusedMergeModuleWith: false,
};

/** Types of the inside of packages, which a public name shows and nobody has to name. */
const internal = [
  '@switchyard/legacy-conversion/src/build/journal.ts:phases', // @legacy
  '@switchyard/storage-conformance/src/memory/tables.ts:Tables',
  '@switchyard/storage-conformance/src/suite/call-trace.ts:CallTrace',
  '@switchyard/storage-conformance/src/suite/context.ts:OpenOptions',
  '@switchyard/storage-conformance/src/suite/context.ts:TestStore',
  '@switchyard/storage-conformance/src/suite/options.ts:ResolvedOptions',
];

/**
 * Warns of links that lead nowhere, and of types that a public name uses and no package exports. TypeDoc looks for the
 * latter only in the package that the project is named after, so each package has its turn.
 */
export function validate(app: Application, project: ProjectReflection, packages: readonly string[]): void {
  app.options.setValue('validation', { ...nothing, invalidLink: true, invalidPath: true });
  app.validate(project);
  app.options.setValue('validation', { ...nothing, notExported: true });
  for (const name of packages) {
    const ofPackage = internal.filter((id) => id.startsWith(`${name}/`));
    app.options.setValue('intentionallyNotExported', ofPackage);
    project.packageName = name;
    app.validate(project);
  }
}

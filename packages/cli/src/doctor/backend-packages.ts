import type { BackendPackage } from '../backend-packages/backend-packages.js';
import type { Check, Diagnosis } from './report.js';

/** Adds the packages of further backends to a diagnosis, with a check for each. */
export function withPackages(diagnosis: Diagnosis, packages: readonly BackendPackage[]): Diagnosis {
  const checks = [...packages.map(checkPackage), ...diagnosis.checks];
  return { ...diagnosis, backendPackages: packages, checks, healthy: checks.every(({ ok }) => ok) };
}

/** A package that may not be loaded is no problem of a store that does not need it. */
function checkPackage({ package: name, state, backends, reason, advice }: BackendPackage): Check {
  const finding =
    state === 'loaded'
      ? `${name} provides ${backends.join(', ')}.`
      : `${name} is not loaded. ${reason ?? ''}`;
  return { name: 'backends', ok: state !== 'failed', finding, advice };
}

/** Lists the packages: where each is named, what would be imported, and which connection strings it serves. */
export function packageLines({ backendPackages = [] }: Diagnosis): string[] {
  if (backendPackages.length === 0) return [];
  const lines = backendPackages.map(({ package: name, from, file, state, schemes }) => {
    const origin = from === 'argument' ? '--backend' : 'the configuration file';
    const serves = schemes.length === 0 ? '' : `, serves ${schemes.join(', ')}`;
    return `  ${name}, of ${origin}: ${state}, ${file ?? 'not found'}${serves}`;
  });
  return ['Packages of further backends:', ...lines];
}

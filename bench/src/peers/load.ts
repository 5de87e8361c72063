import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { benchFolder } from '../corpus/install.js';

const peers = join(benchFolder, 'peers');
const fromPeers = createRequire(join(peers, 'package.json'));

/** Returns true if a peer is installed: see `npm run bench:peers-install`. One that something else installed does not count. */
export function isInstalled(name: string): boolean {
  try {
    return fromPeers.resolve(name).startsWith(join(peers, sep));
  } catch {
    return false;
  }
}

/** Loads a peer that is not a dependency of this repository. The caller declares the few members it uses. */
export async function loadPeer<Module>(name: string): Promise<Module> {
  const module: unknown = await import(pathToFileURL(fromPeers.resolve(name)).href);
  return module as Module;
}

/** Loads a peer by `require`, if its ESM form does not find its own binary. */
export function requirePeer<Module>(name: string): Module {
  const module: unknown = fromPeers(name);
  return module as Module;
}

/** Version of an installed peer, for the parameters in results. */
export function versionOf(name: string): string {
  const manifest: unknown = fromPeers(join(peers, 'node_modules', name, 'package.json'));
  return (manifest as { readonly version: string }).version;
}

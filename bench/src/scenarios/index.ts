import { cold } from './cold.js';
import { context } from './context.js';
import { hybrid } from './hybrid.js';
import { loop } from './loop.js';
import { manyVersions } from './many-versions.js';
import { memory } from './memory.js';
import { modes } from './modes.js';
import { remote } from './remote.js';
import { scaling } from './scaling.js';
import type { Scenario } from './scenario.js';
import { small } from './small.js';
import { vectors } from './vectors.js';
import { size, write } from './write.js';

/** All scenarios. */
export const scenarios: readonly Scenario[] = [
  hybrid,
  vectors,
  write,
  size,
  cold,
  memory,
  small,
  manyVersions,
  modes,
  scaling,
  remote,
  context,
  loop,
];

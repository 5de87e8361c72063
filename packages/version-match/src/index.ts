/** Resolves a version specification, such as `latest` or `^1.2`, to a stored version of a library. */
export {
  findVersionMatch,
  matchVersion,
  type VersionMatch,
  type VersionMatchReason,
} from './match-version.js';

/** Finds the stored version of a library that a person or a program means, such as `latest` or `^1.2`. */
export {
  findVersionMatch,
  matchVersion,
  type VersionMatch,
  type VersionMatchReason,
} from './match-version.js';

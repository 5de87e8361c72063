/** Exit codes of the command, documented in the help and in docs/reference/cli.md. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  threshold: 3,
  inconclusive: 4,
  interrupted: 130,
  terminated: 143,
} as const;

/** Descriptions of the {@link exitCodes}, for the help. */
export const exitCodeMeanings: readonly (readonly [number, string])[] = [
  [exitCodes.ok, 'done'],
  [exitCodes.failure, 'failed; the error is on stderr'],
  [exitCodes.usage, 'the command line, the connection string or the configuration is invalid'],
  [exitCodes.threshold, 'a threshold of `compare` or `evaluate` is not met'],
  [exitCodes.inconclusive, 'too few queries for `evaluate` to decide'],
  [exitCodes.interrupted, 'interrupted by Ctrl-C (SIGINT)'],
  [exitCodes.terminated, 'terminated by SIGTERM'],
];

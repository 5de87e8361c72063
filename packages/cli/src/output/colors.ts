import picocolors from 'picocolors';

/** Color functions for one stream. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/**
 * Enables colors on a terminal, unless NO_COLOR is set (no-color.org); FORCE_COLOR enables them elsewhere. Decided per
 * stream, because one may be a terminal and the other a file.
 */
export function colorsFor(
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Colors {
  const refused = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  const forced = (env.FORCE_COLOR ?? '') !== '' && env.FORCE_COLOR !== '0';
  return picocolors.createColors(!refused && (forced || stream.isTTY === true));
}

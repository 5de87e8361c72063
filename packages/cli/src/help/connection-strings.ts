import type { BackendDefinition } from '@switchyard/storage-core/backend';

/** Lists the forms of STORE and their options, as declared by the backends. */
export function connectionStringHelp(definitions: readonly BackendDefinition[]): string {
  return definitions
    .map(({ name, schemes, options }) => {
      const forms = columns(schemes.map(({ example, description }) => [example, description]));
      const settings = columns(
        [...options, ...schemes.flatMap((scheme) => scheme.options ?? [])].map(
          ({ name: option, type, values, default: standard, description }) => [
            `?${option}=${values?.join('|') ?? type.toUpperCase()}`,
            standard === undefined ? description : `${description} Default: ${standard}`,
          ],
        ),
      );
      return `  ${name}\n${forms}${settings === '' ? '' : `\n${settings}`}`;
    })
    .join('\n\n');
}

/** Formats two columns; the second goes on a line of its own if the first is long. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = 34;
  return rows
    .map(([left, right]) =>
      left.length < width
        ? `    ${left.padEnd(width)}${right}`
        : `    ${left}\n    ${' '.repeat(width)}${right}`,
    )
    .join('\n');
}

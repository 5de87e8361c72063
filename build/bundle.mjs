// Bundles the JavaScript of one package, whose folder is the working folder. The compiler has written its declarations.
//
// Loading a module costs Node.js almost a millisecond of CPU time, and a command or a child process loaded 280 of them.
// Every package is bundled for itself, and imports the others: classes such as StorageError then exist once in a process,
// whoever else loads them. Modules that several entry points or a dynamic import need go to `dist/shared`.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { build, transform } from 'esbuild';

/** Folders, relative to the package, with forward slashes. */
const SRC = 'src';
const DIST = 'dist';
/** Stands for the URL of a module until it is known which file the module went to. */
const MODULE_URL = 'url-of-module:';

const TARGET = 'node20';

/** Entry points, as paths of modules in `src`: what a manifest and other modules name. */
function entryPoints() {
  const { exports, sideEffects } = JSON.parse(readFileSync('package.json', 'utf8'));
  const named = [
    ...Object.values(exports).map((entry) => entry.default),
    ...(Array.isArray(sideEffects) ? sideEffects : []),
  ]
    .filter((path) => path?.startsWith(`./${DIST}/`))
    .map((path) => path.slice(`./${DIST}/`.length));
  return [...new Set([...named, ...modulesNamedByUrl()])].map((path) =>
    join(SRC, path.replace(/\.js$/, '.ts')),
  );
}

/** Modules that are started or imported by their URL: `new URL('./x.js', import.meta.url)`, `module: import.meta.url`. */
function modulesNamedByUrl() {
  return sourceFiles().flatMap((path) => {
    const source = readFileSync(join(SRC, path), 'utf8');
    const others = [...source.matchAll(/new URL\('(?<target>[^']+\.js)', import\.meta\.url\)/g)].map(
      (match) => posix.join(posix.dirname(path), match.groups.target),
    );
    const itself = /module: import\.meta\.url\b/.test(source) ? [path.replace(/\.ts$/, '.js')] : [];
    return [...others, ...itself];
  });
}

function sourceFiles() {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'));
}

/** Keeps `import.meta.url` the URL that the module would have in a file of its own. */
const moduleUrls = {
  name: 'module-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (/\bimport\.meta\.(?:dirname|filename|resolve)\b/.test(source)) {
        throw new Error(`${path}: use import.meta.url; the others would be those of the bundle.`);
      }
      if (!source.includes('import.meta.url')) return undefined;
      const own = relative(resolve(SRC), path).replaceAll('\\', '/').replace(/\.ts$/, '.js');
      const { code } = await transform(source, {
        loader: 'ts',
        target: TARGET,
        define: { 'import.meta.url': JSON.stringify(MODULE_URL + own) },
        sourcefile: path,
        sourcemap: 'inline',
        sourcesContent: false,
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, target: 'ES2022' } },
      });
      return { contents: code, loader: 'js' };
    });
  },
};

/** Replaces the stand-ins in an output file by expressions. */
function withModuleUrls(text, outputPath) {
  return text.replaceAll(new RegExp(`"${MODULE_URL}([^"]+)"`, 'g'), (_, own) => {
    const path = relative(dirname(outputPath), resolve(DIST, own)).replaceAll('\\', '/');
    return `new URL(${JSON.stringify(path.startsWith('.') ? path : `./${path}`)}, import.meta.url).href`;
  });
}

/** Deletes JavaScript that no longer belongs to the package. `dist/bundle` holds what pages in a browser load. */
function removeOthers(written) {
  for (const path of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
    const file = resolve(DIST, path);
    if (/\.js(?:\.map)?$/.test(path) && !/^bundle[/\\]/.test(path) && !written.has(file)) rmSync(file);
  }
}

const { outputFiles } = await build({
  entryPoints: entryPoints(),
  outbase: SRC,
  outdir: DIST,
  chunkNames: 'shared/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: TARGET,
  sourcemap: true,
  sourcesContent: false,
  // `sideEffects` in the manifest names outputs.
  ignoreAnnotations: true,
  plugins: [moduleUrls],
  write: false,
  logLevel: 'warning',
});
for (const { path, text } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, path.endsWith('.js') ? withModuleUrls(text, path) : text);
}
removeOthers(new Set(outputFiles.map(({ path }) => path)));

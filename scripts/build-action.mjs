/**
 * Bundles the Action into `dist-action/`, which is committed: a runner takes it as it is, and installs
 * nothing. Equal sources and an equal lockfile give equal bytes; `test/action/bundle.test.ts` compares them.
 * `--out DIR` writes somewhere else.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string' } } });
const outdir = values.out ?? join(root, 'dist-action');

const SDK = 'purecloud-platform-client-v2';
/** The parts of the SDK that `src/genesys/sdk.ts` uses; all of it would be four fifths of the bundle. */
const SDK_APIS = ['AnalyticsApi', 'AuditApi', 'AuthorizationApi', 'OrganizationApi', 'RoutingApi'];
/** The commands that the Action runs; the others are left out. */
const COMMANDS = ['./validate.js', './plan.js', './apply.js'];

const inSources = (...path) => new RegExp(`${['src', ...path].join(`\\${sep}`)}\\.ts$`);

const text = async (path, replacements) => {
  let contents = await readFile(path, 'utf8');
  for (const [from, to] of replacements) {
    if (!contents.includes(from)) throw new Error(`${path} says \`${from}\` no more`);
    contents = contents.replace(from, to);
  }
  return { contents, loader: 'ts', resolveDir: dirname(path) };
};

const require = createRequire(import.meta.url);
const sdkSources = join(require.resolve(`${SDK}/package.json`), '..', 'src', SDK);

const forTheAction = {
  name: 'for the action',
  setup({ onLoad, onResolve }) {
    // The bundle lies one folder below the root of the package, the modules of `src/cli` two.
    onLoad({ filter: inSources('cli', 'version') }, ({ path }) =>
      text(path, [["new URL('../../', import.meta.url)", "new URL('../', import.meta.url)"]]),
    );
    // A bundler follows `require`, and not a function that it could not know.
    onLoad({ filter: inSources('genesys', 'sdk') }, ({ path }) =>
      text(path, [[`createRequire(import.meta.url)('${SDK}')`, `require('${SDK}')`]]),
    );
    // The same classes that the SDK's own bundle is made of, without those that nobody calls.
    onResolve({ filter: new RegExp(`^${SDK}$`) }, () => ({ path: SDK, namespace: 'sdk' }));
    onLoad({ filter: /./, namespace: 'sdk' }, () => ({
      contents: [
        `import ApiClientClass from './ApiClient.js';`,
        `import AbstractHttpClient from './AbstractHttpClient.js';`,
        ...SDK_APIS.map((name) => `import ${name} from './api/${name}.js';`),
        `module.exports = { ApiClient: new ApiClientClass(), ApiClientClass, AbstractHttpClient, ${SDK_APIS.join(', ')} };`,
      ].join('\n'),
      resolveDir: sdkSources,
    }));
    // Nobody asks zod for its messages in forty languages: ours are English, and mostly our own.
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, ({ path }) => ({
      contents: "export { default as en } from './en.js';",
      resolveDir: dirname(path),
    }));
    onResolve({ filter: /^\.\// }, ({ path, kind, importer }) =>
      kind === 'dynamic-import' &&
      importer.endsWith(join('src', 'cli', 'commands.ts')) &&
      !COMMANDS.includes(path)
        ? { path, namespace: 'left-out' }
        : undefined,
    );
    onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({
      contents: `throw new Error('${path} is no part of the Action.');`,
    }));
  },
};

const { metafile } = await build({
  entryPoints: [join(root, 'src/action/main.ts')],
  outfile: join(outdir, 'index.js'),
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Names stay: whoever reports a bug has a stack that can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // What is CommonJS asks for Node's own modules.
  banner: {
    js: "import { createRequire as createRequireOfNode } from 'node:module';\nconst require = createRequireOfNode(import.meta.url);",
  },
  plugins: [forTheAction],
  metafile: true,
  logLevel: 'warning',
});

const { bytes, inputs } = Object.values(metafile.outputs)[0];
const sizes = new Map();
for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
  const name =
    /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ??
    (input.startsWith('sdk:') ? SDK : 'src');
  sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
}

// Whoever passes the code on passes its licences on.
const packages = [...sizes.keys()]
  .filter((name) => name !== 'src')
  .sort((a, b) => (a < b ? -1 : 1));
const licences = await Promise.all(packages.map(licenceOf));
await writeFile(join(outdir, 'licenses.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`));

const shown = [...sizes].sort((a, b) => b[1] - a[1]).slice(0, 8);
process.stdout.write(
  `dist-action/index.js: ${Math.round(bytes / 1024)} KiB (${shown.map(([name, size]) => `${name} ${Math.round(size / 1024)}`).join(', ')} …), ${packages.length} packages\n`,
);

/** Name, version and the licence of a package; a bundle without them is not written. */
async function licenceOf(name) {
  const folder = join(root, 'node_modules', ...name.split('/'));
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder))
    .sort((a, b) => (a < b ? -1 : 1))
    .find((each) => /^(licen[cs]e|copying)/i.test(each));
  if (file === undefined && license === undefined) throw new Error(`${name} has no licence`);
  const terms = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  return `${name} ${version} (${license ?? 'see below'})\n\n${terms.replaceAll('\r\n', '\n').trim()}\n`;
}

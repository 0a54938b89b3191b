// What a page pays: the size of the bundle, minified and gzipped.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

async function sizeOf(files) {
  const contents = files.map((file) => `export * from './${file}';`).join('');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true, minify: true, format: 'esm', target: 'es2022', write: false });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

test('the core has at most 3 kB', async (t) => {
  const bytes = await sizeOf(['src/index.js']);
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes <= 3000, `${bytes}`);
});

test('all of it has at most 6 kB', async (t) => {
  const adapters = readdirSync(root + 'adapters').map((file) => `adapters/${file}`);
  assert.equal(adapters.length, 3);
  const bytes = await sizeOf(['src/index.js', ...adapters]);
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes <= 6000, `${bytes}`);
});

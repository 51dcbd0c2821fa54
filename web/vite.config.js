import { readFileSync, readdirSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { defineConfig } from 'vite';
import { readExample } from './src/example.js';

const here = import.meta.dirname;

// Writes the example questions into the start page, so that the page needs no script at all.
const exampleList = {
  name: 'example-list',
  transformIndexHtml(html) {
    const folder = join(here, 'examples');
    const items = readdirSync(folder).filter((file) => file.endsWith('.graphql')).sort().map((file) => {
      const { name, title } = readExample(file, readFileSync(join(folder, file), 'utf8'));
      return `<li><a href="/graphiql#example=${escape(name)}">${escape(title)}</a></li>`;
    });
    return html.replace('<!-- examples -->', items.join('\n        '));
  },
};

const escape = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

// Leaves FILE.gz beside every file, so that the server can send it without compressing on each request.
const gzipSiblings = {
  name: 'gzip-siblings',
  apply: 'build',
  async writeBundle({ dir }) {
    const compress = promisify(gzip);
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith('.gz')) continue;
      const file = join(entry.parentPath, entry.name);
      await writeFile(`${file}.gz`, await compress(await readFile(file), { level: 9 }));
    }
  },
};

export default defineConfig({
  plugins: [exampleList, gzipSiblings],
  build: {
    license: { fileName: 'licenses.txt' },
    rolldownOptions: {
      input: { home: 'index.html', graphiql: 'graphiql.html' },
      // GraphiQL's packages carry directives for a compiler that has already run; a page of warnings would hide a real one.
      onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
    },
    // The editor is one 2.8 MB chunk whatever we do, and comes from the same machine as a rule.
    chunkSizeWarningLimit: 4000,
  },
});

// Reads an example file. Shared by the pages and by vite.config.js, which writes the list on the start page.

// `1-reach.graphql` and its text give the name for links (`reach`), the title (first comment line) and the query.
export function readExample(path, query, variables = '') {
  const name = path.replace(/^.*\//, '').replace(/^\d+-/, '').replace(/\.graphql$/, '');
  const title = /^#\s*(.+)/.exec(query)?.[1] ?? name;
  return { name, title, query, variables };
}

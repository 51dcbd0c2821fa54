// Links that open a query. Everything is in the fragment, which a browser never sends to a server:
// names of subjects and fields stay out of proxy logs. Headers (tokens) are never part of a link.

export function linkTo({ query, variables }) {
  const bytes = new TextEncoder().encode(JSON.stringify({ query, variables: variables || undefined }));
  // One character at a time: spreading a long query into fromCharCode would overflow the call stack.
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const base64url = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `${location.origin}${location.pathname}#q=${base64url}`;
}

// The query that a fragment asks for, null if it asks for none. A damaged link opens as a comment that says so,
// because an unchanged editor would look as if the link had worked.
export function fromFragment(fragment, examples) {
  const [, kind, value] = /^#(example|q)=(.*)$/.exec(fragment) ?? [];
  if (!kind) return null;
  if (kind === 'example') {
    const wanted = decode(value);
    return examples.find((example) => example.name === wanted) ?? sorry(`There is no example called "${wanted}".`);
  }
  try {
    const binary = atob(value.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const { query, variables } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof query !== 'string') throw new TypeError('no query');
    return { query, variables: typeof variables === 'string' ? variables : variables ? JSON.stringify(variables, null, 2) : '' };
  } catch {
    return sorry('This link is incomplete: the query in it could not be read.');
  }
}

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// One comment line whatever the text holds, so that a link cannot smuggle in a query behind the message.
function sorry(message) {
  return { query: `# ${message.replaceAll(/\s+/g, ' ')}\n`, variables: '' };
}

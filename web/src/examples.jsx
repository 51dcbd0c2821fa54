// The example questions, and how a query is put into the editor.
import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { parse } from 'graphql';
import { useCallback, useEffect, useState } from 'react';
import { readExample } from './example.js';
import { useAnswer, verdictOf } from './witness.jsx';

const queries = import.meta.glob('../examples/*.graphql', { query: '?raw', import: 'default', eager: true });
const variables = import.meta.glob('../examples/*.variables.json', { query: '?raw', import: 'default', eager: true });

// Ordered by file name; the first is what the editor opens with.
export const examples = Object.keys(queries).sort().map((path) =>
  readExample(path, queries[path], variables[path.replace('.graphql', '.variables.json')]));

export const examplesPlugin = { title: 'Examples', icon: Icon, content: Pane };

// A function that puts a query into the editor; null until the editors are there. What the user wrote is kept:
// the query goes into a new tab unless the current one is empty or an example that was not changed.
export function useOpen() {
  const { queryEditor, variableEditor, responseEditor } = useGraphiQL(pick('queryEditor', 'variableEditor', 'responseEditor'));
  const { addTab, stop, setOperationFacts, updateActiveTabValues } = useGraphiQLActions();
  const open = useCallback(({ query, variables }) => {
    const current = queryEditor.getValue();
    if (current.trim() === query.trim() && variableEditor.getValue().trim() === variables.trim()) return;
    stop();
    if (current.trim() !== '' && !examples.some((example) => example.query === current)) addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables);
    // The old answer beside a new question would be read as its answer.
    responseEditor.setValue('');
    // GraphiQL reads the operation a moment after a change; Run pressed before that would send the name of the old one.
    const facts = operationFacts(query);
    setOperationFacts(facts);
    updateActiveTabValues({ query, variables, operationName: facts.operationName ?? null, response: null });
  }, [queryEditor, variableEditor, responseEditor, addTab, stop, setOperationFacts, updateActiveTabValues]);
  return queryEditor && variableEditor && responseEditor ? open : null;
}

function operationFacts(query) {
  try {
    const documentAST = parse(query);
    const operations = documentAST.definitions.filter((definition) => definition.kind === 'OperationDefinition');
    return { documentAST, operations, operationName: operations[0]?.name?.value };
  } catch {
    return {};
  }
}

function Pane() {
  const open = useOpen();
  const current = useEditorText();
  const verdict = verdictOf(useAnswer());
  const { setVisiblePlugin } = useGraphiQLActions();
  return (
    <section className="wf-pane" aria-label="Examples">
      <h2 className="graphiql-doc-explorer-title">Examples</h2>
      <p className="wf-quiet">Put one into the editor, then press Run (Ctrl-Enter).</p>
      <ul className="wf-examples">
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" disabled={!open} aria-pressed={current === example.query} onClick={() => open(example)}>{example.title}</button>
          </li>
        ))}
      </ul>
      {verdict && (
        <p className="wf-see" role="status">
          Answer: <strong>{verdict}</strong>{' '}
          <button type="button" className="graphiql-button" onClick={() => setVisiblePlugin('Witness')}>Show the witness</button>
        </p>
      )}
    </section>
  );
}

function useEditorText() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const [text, setText] = useState('');
  useEffect(() => {
    if (!queryEditor) return undefined;
    setText(queryEditor.getValue());
    const listener = queryEditor.onDidChangeModelContent(() => setText(queryEditor.getValue()));
    return () => listener.dispose();
  }, [queryEditor]);
  return text;
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M4 4h16v12h-9l-5 4v-4H4z" /><path d="M9.7 8.3a2.3 2.3 0 1 1 3.2 2.1c-.6.3-.9.6-.9 1.2M12 13.6v.1" />
    </svg>
  );
}

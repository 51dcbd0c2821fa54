// The GraphiQL page: the editor, the example questions, the witness of the last answer. Nothing is fetched from
// another origin, and nothing runs before Run is pressed: a link may come from anybody, and may hold a mutation.
import 'graphiql/setup-workers/vite';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { ToolbarButton, pick, useGraphiQL } from '@graphiql/react';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
// The four sheets that graphiql/style.css bundles, without the 35 fonts it inlines.
import '@graphiql/react/style.css';
import 'graphiql/graphiql.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import './graphiql.css';
import { examples, examplesPlugin, useOpen } from './examples.jsx';
import { fromFragment, linkTo } from './link.js';
import { witnessPlugin } from './witness.jsx';

const fetcher = createGraphiQLFetcher({
  url: '/graphql',
  subscriptionUrl: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
});
const plugins = [examplesPlugin, witnessPlugin, HISTORY_PLUGIN];

function Page() {
  return (
    <GraphiQL fetcher={fetcher} plugins={plugins} visiblePlugin={examplesPlugin} defaultQuery={examples[0].query}>
      <GraphiQL.Logo><a className="wf-logo" href="/">Wherefore</a></GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, copy, merge }) => <>{prettify}{merge}{copy}<CopyLink /></>}
      </GraphiQL.Toolbar>
      <FollowFragment />
      <WrapLines />
    </GraphiQL>
  );
}

// Opens the query that the address asks for, on loading and whenever the fragment changes.
function FollowFragment() {
  const open = useOpen();
  useEffect(() => {
    if (!open) return undefined;
    const follow = () => {
      const wanted = fromFragment(location.hash, examples);
      if (!wanted) return;
      open(wanted);
      // Used once: left there, each reload would open the query again in another tab.
      history.replaceState(null, '', location.pathname);
    };
    follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [open]);
  return null;
}

// The questions are sentences, and the editor is a third of the window: cut lines would hide their end.
function WrapLines() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => queryEditor?.updateOptions({ wordWrap: 'on', wrappingIndent: 'indent' }), [queryEditor]);
  return null;
}

function CopyLink() {
  const { queryEditor, variableEditor } = useGraphiQL(pick('queryEditor', 'variableEditor'));
  const [label, setLabel] = useState('');
  const copyLink = async () => {
    const link = linkTo({ query: queryEditor.getValue(), variables: variableEditor.getValue() });
    try {
      await navigator.clipboard.writeText(link);
      setLabel('Link copied');
    } catch {
      // Browsers give the clipboard to https and localhost only; elsewhere the address bar has to do.
      history.replaceState(null, '', link);
      setLabel('The link is in the address bar');
    }
    setTimeout(setLabel, 4000, '');
  };
  return (
    <>
      <ToolbarButton label={label || 'Copy a link to this query'} onClick={copyLink}>
        <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" aria-hidden="true">
          {label
            ? <path d="m5 13 5 5 9-11" />
            : <path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2" />}
        </svg>
      </ToolbarButton>
      <span className="wf-hidden" role="status">{label}</span>
    </>
  );
}

createRoot(document.getElementById('root')).render(<Page />);

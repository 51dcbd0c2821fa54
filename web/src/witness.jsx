// Shows the answer in the response editor as a person would tell it: the verdict, the reasons, the path act by act.
// It reads whatever the query selected and leaves out what it did not; it never asks the server for more.
import { useGraphiQL } from '@graphiql/react';
import { useEffect, useMemo, useState } from 'react';

export const witnessPlugin = { title: 'Witness', icon: Icon, content: Pane };

// More would make the page slow to draw; the JSON beside it is always complete.
const MOST_ITEMS = 100;

const VERDICTS = {
  YES: { word: 'Yes', icon: 'M5 13l4.5 4.5L19 7' },
  NO: { word: 'No', icon: 'M5 12h14' },
  POSSIBLE: { word: 'Possible only', icon: 'M5 14c3-7 5-7 7-3s4 4 7-3' },
  UNKNOWN: { word: 'Unknown', icon: 'M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2.9-1.2 1.7M12 17v.1' },
  CONTRADICTED: { word: 'No, but the record contradicts itself', icon: 'M12 4v10M12 18v.1' },
};

// Why no authorization covers an act: the dimension in which the nearest one fails.
const REASONS = {
  withdrawn: 'the authorization was withdrawn before',
  expired: 'the authorization had expired',
  'not-yet': 'the authorization was not yet in force',
  guardian: 'a guardian has to consent',
  grade: 'the consent is too weak for this',
  purpose: 'the purpose is not covered',
  field: 'the field is not covered',
  recipient: 'the recipient is not covered',
  act: 'this kind of act is not covered',
  none: 'nothing authorizes it',
};

/* ---- reading the answer ---- */

// { error }, { answer } (an object with a verdict), { items, total } (a list of findings or the like), or null.
function readAnswer(text) {
  let response;
  try { response = JSON.parse(text); } catch { return null; }
  if (!response || typeof response !== 'object') return null;
  const answer = first(response.data, (value) => typeof value.verdict === 'string');
  if (answer) return { answer };
  const list = first(response.data, (value) => Array.isArray(value) && value.some((item) => isItem(item) || isItem(item?.node)));
  if (list) {
    const connection = first(response.data, (value) => value.edges === list);
    return { items: list.map((item) => item?.node ?? item).filter(isItem), total: connection?.totalCount ?? list.length };
  }
  return response.errors?.[0] ? { error: response.errors[0] } : null;
}

const isItem = (value) => Boolean(value) && (Array.isArray(value.witness) || (typeof value.rule === 'string' && typeof value.reason === 'string'));

// The first object or list, looked for depth first in the order of the answer, that passes the test.
function first(value, test) {
  if (!value || typeof value !== 'object') return null;
  if (test(value)) return value;
  for (const child of Object.values(value)) {
    const found = first(child, test);
    if (found) return found;
  }
  return null;
}

export function useAnswer() {
  const responseEditor = useGraphiQL((state) => state.responseEditor);
  const [text, setText] = useState('');
  useEffect(() => {
    if (!responseEditor) return undefined;
    setText(responseEditor.getValue());
    const listener = responseEditor.onDidChangeModelContent(() => setText(responseEditor.getValue()));
    return () => listener.dispose();
  }, [responseEditor]);
  return useMemo(() => readAnswer(text), [text]);
}

// The answer in one or two words, null if there is none to show.
export function verdictOf(read) {
  if (read?.answer) return wordFor(read.answer.verdict).word;
  if (read?.items) return read.total === 1 ? '1 finding' : `${read.total} findings`;
  return null;
}

const wordFor = (verdict) => VERDICTS[verdict.toUpperCase()] ?? { word: humane(verdict), icon: VERDICTS.UNKNOWN.icon };

/* ---- the pane ---- */

function Pane() {
  const read = useAnswer();
  const isFetching = useGraphiQL((state) => state.isFetching);
  return (
    <section className="wf-pane" aria-label="Witness" aria-busy={isFetching}>
      <h2 className="graphiql-doc-explorer-title">Witness</h2>
      {isFetching ? <p className="wf-quiet">Running…</p>
        : read?.answer ? <Answer answer={read.answer} />
        : read?.items ? <Items items={read.items} total={read.total} />
        : read?.error ? <Failed error={read.error} />
        : <p className="wf-quiet">Run a query whose answer has a <code>verdict</code> or a <code>witness</code>: the path that proves it is told here.</p>}
    </section>
  );
}

function Answer({ answer }) {
  const { word, icon } = wordFor(answer.verdict);
  const { witness, reasons, boundary } = answer;
  return (
    <>
      <p className={`wf-verdict wf-${answer.verdict.toLowerCase()}`} role="status"><Mark path={icon} />{word}</p>
      {list(reasons).map((reason, index) => (
        <p key={index} className="wf-reason">{reason.text ?? reason.code ?? String(reason)}{reason.text && reason.code && <> <code>{reason.code}</code></>}</p>
      ))}
      {Array.isArray(witness)
        ? <Steps steps={witness} />
        : <p className="wf-quiet">Select <code>{'witness { … }'}</code> in the query to see the path.</p>}
      {list(boundary).length > 0 && <p className="wf-quiet">Beyond the record: {names(boundary)} {list(boundary).length === 1 ? "reports" : "report"} no outgoing flows.</p>}
      {answer.sequence != null && <p className="wf-quiet">As of commit {String(answer.sequence)}.</p>}
    </>
  );
}

function Items({ items, total }) {
  const shown = items.slice(0, MOST_ITEMS);
  return (
    <>
      <p className="wf-verdict" role="status">{total === 1 ? '1 finding' : `${total} findings`}</p>
      {shown.length < total && <p className="wf-quiet">The first {shown.length} are shown.</p>}
      {shown.map((item, index) => (
        <details key={item.id ?? index} className="wf-item" open={index === 0}>
          <summary>
            <span>{item.rule ?? item.culprit ?? item.act ?? 'act'}</span>{' '}
            <span className="wf-quiet">{[item.clause, item.severity && humane(item.severity), item.at && day(item.at)].filter(Boolean).join(' · ')}</span>
          </summary>
          {(item.sentence || item.reason) && <p className="wf-reason">{item.sentence ?? reasonIn(item.reason)}{item.sentence && item.reason && <> <code>{item.reason}</code></>}</p>}
          {list(item.because).length > 0 && <p className="wf-quiet">Decided by {names(item.because)}.</p>}
          {Array.isArray(item.witness) && item.witness.length > 0 && <Steps steps={item.witness} wrong={item} />}
        </details>
      ))}
    </>
  );
}

function Failed({ error }) {
  return (
    <>
      <p className="wf-verdict wf-failed" role="status"><Mark path="M7 7l10 10M17 7L7 17" />No answer</p>
      <p className="wf-reason">{error.message}{error.extensions?.code && <> <code>{error.extensions.code}</code></>}</p>
    </>
  );
}

// `wrong` is the finding that the path leads to, if any: its act is marked.
function Steps({ steps, wrong }) {
  if (steps.length === 0) return <p className="wf-quiet">No path is on record.</p>;
  return (
    <ol className="wf-steps">
      {steps.map((step, index) => <Step key={index} step={step} number={index + 1} wrong={wrong?.act && wrong.act === step.act ? wrong : null} />)}
    </ol>
  );
}

function Step({ step, number, wrong }) {
  const allowed = wrong ? false : step.allowed ?? null;
  const why = step.because ?? (wrong && reasonIn(wrong.reason ?? ''));
  return (
    <li className={allowed === false ? 'wf-bad' : undefined}>
      <span className="wf-number">{number}</span>
      <div>
        <p className="wf-head"><strong>{humane(step.kind ?? '')}</strong> {step.at && <time dateTime={step.at} title={step.at}>{instant(step.at)}</time>}</p>
        {(step.actor || step.recipient) && <p>{[step.actor, step.recipient].filter(Boolean).map(nameOf).join(' → ')}</p>}
        {list(step.fields).length > 0 && <p className="wf-fields">{names(step.fields)}{list(step.makes).length > 0 && <> → {names(step.makes)}</>}</p>}
        {(step.purpose || step.act) && <p className="wf-quiet">{step.purpose && <>for {nameOf(step.purpose)}</>}{step.purpose && step.act && ' · '}{step.act && <code>{nameOf(step.act)}</code>}</p>}
        {allowed !== null && (
          <p className={allowed ? 'wf-allowed' : 'wf-refused'}>
            <Mark path={allowed ? VERDICTS.YES.icon : 'M7 7l10 10M17 7L7 17'} />{allowed ? 'allowed' : 'not allowed'}{list(why).length > 0 && `: ${names(why)}`}
          </p>
        )}
      </div>
    </li>
  );
}

function Mark({ path }) {
  return <svg className="wf-mark" viewBox="0 0 24 24" aria-hidden="true"><path d={path} /></svg>;
}

/* ---- words ---- */

const list = (value) => (Array.isArray(value) ? value : value == null || value === '' ? [] : [value]);
// A party or field may be a plain name or an object, as the query selected it.
const nameOf = (value) => (typeof value === 'object' && value ? value.name ?? value.id ?? '?' : String(value));
const names = (values) => list(values).map(nameOf).join(', ');
// Turns an enum value or a reason code into words.
const humane = (code) => String(code).toLowerCase().replaceAll(/[_-]/g, ' ');
const reasonIn = (code) => REASONS[code.toLowerCase().replaceAll('_', '-')] ?? humane(code);
const day = (at) => at.slice(0, 10);

// The instant in the offset it was written with: converting it to the reader's zone would put an act at the edge of a day on another one.
function instant(at) {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d))?(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(at);
  if (!parts) return at;
  const [, date, minutes, seconds, fraction, offset] = parts;
  const exact = fraction || (seconds && seconds !== '00') ? `:${seconds}${fraction ?? ''}` : '';
  return `${date} ${minutes}${exact} ${offset === 'Z' ? 'UTC' : offset}`;
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" aria-hidden="true">
      <circle cx="6" cy="5" r="2.2" /><circle cx="6" cy="19" r="2.2" /><circle cx="18" cy="12" r="2.2" /><path d="M6 7.2v9.6M7.9 6.1l8 4.8M7.9 17.9l8-4.8" />
    </svg>
  );
}

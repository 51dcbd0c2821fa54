// Hostile requests. Each must be refused, or answered correctly where that is harmless, within 2 s; and after each the server must
// still answer a plain question within 2 s.
import http from 'node:http';
import https from 'node:https';
import WebSocket from 'ws';
import { check, endpoint, finish, usage } from './report.mjs';

const [url] = process.argv.slice(2);
if (!url) usage('attacks.mjs URL');

const target = new URL(endpoint(url));
const socketUrl = `${target.protocol === 'https:' ? 'wss' : 'ws'}://${target.host}/ws`;
const LIMIT_MS = 2000;
// Longer than the limit, to report how late an answer was instead of only that it was.
const PATIENCE_MS = 10_000;

const repeat = (count, text) => text.repeat(count);

// Fragments that each spread the next one twice: a document of one kilobyte that expands to 2^25 selections.
const bomb = (() => {
  const n = 25;
  let text = 'query { ...f0 }\n';
  for (let i = 0; i < n; i += 1) text += `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }\n`;
  return `${text}fragment f${n} on Query { __typename }`;
})();

// `refuse`: an answer is wrong as well, however quick it is.
const attacks = [
  { name: 'fragment bomb, 25 levels', query: bomb },
  { name: '1,000 aliases', query: `{ ${Array.from({ length: 1000 }, (_, i) => `a${i}: __typename`).join(' ')} }` },
  { name: 'introspection nested 40 deep', query: `{ __schema { types ${repeat(20, '{ fields { type ')} { name } ${repeat(20, '} }')} } }` },
  { name: 'circular fragments', query: '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }', refuse: true },
  { name: '5,000 nested braces', query: `${repeat(5000, '{ a ')}${repeat(5000, '}')}`, refuse: true },
  { name: '3,000 nested lists', query: `{ __type(name: ${repeat(3000, '[')}${repeat(3000, ']')}) { name } }`, refuse: true },
  { name: '2,000 directives', query: `{ __typename ${repeat(2000, '@include(if: true) ')} }`, refuse: true },
  { name: 'body over 1 MiB', query: `{ __typename } # ${repeat(1_100_000, 'x')}`, refuse: true },
  { name: 'batch of operations', body: JSON.stringify(Array.from({ length: 50 }, () => ({ query: '{ __typename }' }))), refuse: true },
  { name: 'mutation by GET', method: 'GET', path: `?query=${encodeURIComponent('mutation { __typename }')}`, refuse: true },
  { name: 'mutation as text/plain', query: 'mutation { __typename }', headers: { 'content-type': 'text/plain' }, refuse: true },
  { name: 'foreign Host header', query: '{ __typename }', headers: { host: 'rebound.example' }, refuse: true },
];

for (const { name, query, body = JSON.stringify({ query }), method = 'POST', path = '', headers = {}, refuse = false } of attacks) {
  const answer = await send({ method, path, headers, body: method === 'GET' ? '' : body });
  judge(name, answer, refuse);
  await health(name);
}

judge('fragment bomb over the socket', await overSocket(bomb), false);
await health('fragment bomb over the socket');
judge('foreign Origin on the socket', await overSocket('{ __typename }', 'http://rebound.example'), true);
await health('foreign Origin on the socket');
finish();

function judge(name, answer, refuse) {
  const { status, errors, data, ms, failure } = answer;
  const code = errors?.[0]?.extensions?.code;
  const refused = status >= 400 || Boolean(code);
  const right = failure ? false : refuse ? refused : refused || (data != null && !errors);
  check(`${name}: ${refused ? `refused${code ? ` (${code})` : ''}` : failure ? 'no answer' : 'answered'}, status ${status ?? '-'}, ${ms} ms`, right && ms < LIMIT_MS,
    failure ?? (right ? 'too slow' : refuse ? 'must be refused with an error status or code' : JSON.stringify(errors ?? data)));
}

async function health(after) {
  const { status, data, ms, failure } = await send({ body: JSON.stringify({ query: '{ __typename }' }) });
  check(`  healthy after it, ${ms} ms`, status === 200 && data?.__typename != null && ms < LIMIT_MS, failure ?? `after ${after}: status ${status}`);
}

// A connection of its own for each request, and a Host header that fetch would not let us set.
function send({ method = 'POST', path = '', headers = {}, body }) {
  const start = performance.now();
  const ms = () => Math.round(performance.now() - start);
  return new Promise((done) => {
    const request = (target.protocol === 'https:' ? https : http).request(target.href + path, {
      method,
      agent: false,
      timeout: PATIENCE_MS,
      headers: { accept: 'application/graphql-response+json', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    }, async (response) => {
      let text = '';
      try {
        for await (const part of response.setEncoding('utf8')) text += part;
      } catch (error) {
        return done({ status: response.statusCode, failure: error.message, ms: ms() });
      }
      let parsed = {};
      try { parsed = JSON.parse(text); } catch { /* A refusal before GraphQL need not be JSON. */ }
      return done({ status: response.statusCode, errors: parsed.errors, data: parsed.data, ms: ms() });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    request.on('error', (error) => done({ failure: error.message, ms: ms() }));
    request.end(body);
  });
}

// An operation over graphql-transport-ws, written out: a client library would not send what a hostile one does.
function overSocket(query, origin) {
  const start = performance.now();
  return new Promise((done) => {
    const socket = new WebSocket(socketUrl, 'graphql-transport-ws', { origin, handshakeTimeout: PATIENCE_MS });
    const end = (answer) => {
      clearTimeout(timer);
      socket.terminate();
      done({ ...answer, ms: Math.round(performance.now() - start) });
    };
    const timer = setTimeout(() => end({ failure: `no answer within ${PATIENCE_MS} ms` }), PATIENCE_MS);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
    socket.on('unexpected-response', (_request, response) => end({ status: response.statusCode }));
    socket.on('error', (error) => end({ failure: error.message }));
    // 4400 and above are the protocol's own refusals.
    socket.on('close', (code) => end(code >= 4400 ? { status: code } : { failure: `closed with ${code}` }));
    socket.on('message', (text) => {
      const message = JSON.parse(text);
      if (message.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      if (message.type === 'error') end({ errors: message.payload });
      if (message.type === 'next') end({ data: message.payload.data, errors: message.payload.errors });
    });
  });
}

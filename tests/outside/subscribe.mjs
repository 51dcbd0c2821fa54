// A commit made over HTTP must reach a subscriber over graphql-transport-ws, once.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { attempt, check, endpoint, finish, sleep, usage } from './report.mjs';

const [wsUrl, httpUrl, mutation, variables = '{}'] = process.argv.slice(2);
if (!mutation) usage("subscribe.mjs WS_URL HTTP_URL 'mutation { ... }' ['{\"variable\": ...}']");

const client = createClient({ url: wsUrl, webSocketImpl: WebSocket, retryAttempts: 0, lazy: false, onNonLazyError: () => {} });
const events = [];
let failure = null;

const connected = await attempt('connects to the socket', () => new Promise((done, refuse) => {
  client.on('connected', () => done());
  client.on('closed', (event) => refuse(new Error(`closed: ${event.code} ${event.reason}`)));
  client.on('error', (error) => refuse(new Error(error.message ?? 'no connection')));
  setTimeout(refuse, 10_000, new Error('no connection within 10 s'));
}));
if (!connected) finish();

client.subscribe({ query: 'subscription { committed { sequence recordedAt acts } }' }, {
  next: (event) => events.push(event),
  error: (error) => { failure = error; },
  complete: () => {},
});
// The protocol has no acknowledgement for a subscription: give the server time to register it.
await sleep(500);
check('the subscription is accepted', failure === null, JSON.stringify(failure));

await attempt('the mutation is carried out', async () => {
  const response = await fetch(endpoint(httpUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: mutation, variables: JSON.parse(variables) }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.json();
  if (response.status !== 200 || answer.errors) throw new Error(`status ${response.status}, ${JSON.stringify(answer.errors)}`);
});

const deadline = Date.now() + 10_000;
while (events.length === 0 && failure === null && Date.now() < deadline) await sleep(20);
check('the event arrives within 10 s', events.length > 0, JSON.stringify(failure));
// Long enough for a doubled event to show itself.
await sleep(300);
check('it arrives once', events.length === 1, `${events.length} events`);
check('it carries the commit', events[0]?.data?.committed?.sequence != null, JSON.stringify(events[0]));
await client.dispose();
finish();

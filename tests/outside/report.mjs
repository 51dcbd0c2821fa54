// What the scripts in this folder share: one line per check, a count at the end, exit code 0 or 1 (2: called wrongly).
let passed = 0;
let failed = 0;

export function check(name, ok, detail = '') {
  if (ok) passed += 1; else failed += 1;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok || !detail ? '' : `: ${String(detail).replaceAll(/\s+/g, ' ').slice(0, 400)}`}`);
  return ok;
}

// Runs one check that may throw; what is thrown is the detail.
export async function attempt(name, run) {
  try {
    const detail = await run();
    return check(name, true, detail);
  } catch (error) {
    return check(name, false, error.message);
  }
}

export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

export function usage(text) {
  console.error(`usage: node ${text}`);
  process.exit(2);
}

// The GraphQL endpoint for `http://host:port` or `http://host:port/graphql`.
export function endpoint(url) {
  const parsed = new URL(url);
  if (parsed.pathname === '/') parsed.pathname = '/graphql';
  return parsed.href;
}

export const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

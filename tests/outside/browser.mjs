// The pages in a real browser: nothing is fetched from elsewhere, nothing breaks the content security policy, and a visitor who
// presses Run gets an answer. CHROMIUM names another browser than /usr/bin/chromium.
import { readdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { attempt, check, finish, sleep, usage } from './report.mjs';

const [url, screenshot] = process.argv.slice(2);
if (!url) usage('browser.mjs URL [screenshot.png]');

const origin = new URL(url).origin;
const folder = new URL('../../web/examples/', import.meta.url);
const examples = readdirSync(folder).filter((file) => file.endsWith('.graphql')).sort().map((file) => ({
  name: file.replace(/^\d+-/, '').replace('.graphql', ''),
  title: readFileSync(new URL(file, folder), 'utf8').split('\n', 1)[0],
}));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  // The browser's own calls home are switched off: they would be counted as ours.
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
context.setDefaultTimeout(20_000);

const foreign = [];
const problems = [];
context.on('request', (request) => {
  if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) foreign.push(request.url());
});
context.on('response', (response) => {
  // Errors of the API belong to the checks that look at the answers.
  if (response.status() >= 400 && !response.url().endsWith('/graphql')) problems.push(`${response.status()} ${response.url()}`);
});
context.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });
context.on('weberror', (error) => problems.push(error.error().message));

const page = await context.newPage();
page.on('websocket', (socket) => {
  if (new URL(socket.url()).host !== new URL(origin).host) foreign.push(socket.url());
});

const reachable = await attempt('the start page lists every example', async () => {
  const response = await page.goto(`${origin}/`);
  if (response.status() !== 200) throw new Error(`status ${response.status()}`);
  for (const { name } of examples) {
    if (await page.locator(`a[href="/graphiql#example=${name}"]`).count() !== 1) throw new Error(`no link to ${name}`);
  }
});

if (!reachable) finish();

await attempt('the editor opens with the first example', async () => {
  const response = await page.goto(`${origin}/graphiql`);
  if (!/default-src 'self'/.test(response.headers()['content-security-policy'] ?? '')) throw new Error('no content security policy');
  await editorShows(examples[0].title);
});

await attempt('nothing ran by itself', async () => {
  if (await responseText() !== '') throw new Error(await responseText());
});

await attempt('introspection fills the documentation', async () => {
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.locator('.graphiql-doc-explorer').getByText('Query', { exact: true }).first().waitFor();
});

await attempt('pressing Run answers with a verdict', async () => {
  await run();
  await responseMatches(/"verdict":"YES"/);
});

await attempt('the witness pane tells the path', async () => {
  await page.getByRole('button', { name: 'Show Witness' }).click();
  await page.locator('.wf-verdict').waitFor();
  await page.locator('.wf-steps > li').nth(1).waitFor();
});

for (const name of ['editor', 'graphql', 'json']) {
  await attempt(`the ${name} worker is alive`, async () => {
    for (let tries = 0; tries < 100; tries += 1) {
      if (page.workers().some((worker) => worker.url().includes(`${name}.worker`))) return;
      await sleep(100);
    }
    throw new Error(page.workers().map((worker) => worker.url()).join(' ') || 'no workers');
  });
}

if (screenshot) {
  await attempt('screenshots, light and dark', async () => {
    // Away from the buttons, so that no tooltip is in the picture.
    await page.mouse.move(720, 5);
    await page.screenshot({ path: screenshot });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.reload();
    await editorShows(examples[0].title);
    await run();
    await page.locator('.wf-steps > li').nth(1).waitFor();
    await page.mouse.move(720, 5);
    await page.screenshot({ path: screenshot.replace(/(\.png)?$/, '-dark.png') });
    await page.emulateMedia({ colorScheme: 'light' });
  });
}

for (const { name, title } of examples) {
  await attempt(`#example=${name} opens and is answered without an error`, async () => {
    await page.goto(`${origin}/graphiql#example=${name}`);
    await editorShows(title);
    await run();
    await responseMatches(/"(data|errors)"/);
    const answer = await responseText();
    if (answer.includes('"errors"')) throw new Error(answer);
  });
}

await attempt('a copied link opens the same query', async () => {
  await page.getByRole('button', { name: 'Copy a link to this query' }).click();
  await page.getByText('Link copied').first().waitFor({ state: 'attached' });
  const link = await page.evaluate(() => navigator.clipboard.readText());
  if (!link.startsWith(`${origin}/graphiql#q=`)) throw new Error(link);
  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await editorShows(examples.at(-1).title, other);
  await other.context().close();
});

await attempt('what a visitor wrote is kept when an example opens', async () => {
  await page.goto(`${origin}/graphiql#example=${examples[1].name}`);
  await editorShows(examples[1].title);
  const tabs = await page.getByRole('tab').count();
  await page.locator('.graphiql-query-editor .view-line').first().click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# mine ');
  await editorShows('# mine');
  await page.getByRole('button', { name: 'Show Examples' }).click();
  await page.locator('.wf-examples button').first().click();
  await editorShows(examples[0].title);
  const now = await page.getByRole('tab').count();
  if (now !== tabs + 1) throw new Error(`${tabs} tabs before, ${now} after`);
});

await attempt('a damaged link says so', async () => {
  await page.goto(`${origin}/graphiql#q=AAAA`);
  await editorShows('# This link is incomplete');
});

check('no request left the origin', foreign.length === 0, foreign.join(' '));
check('no error in the console, nothing missing', problems.length === 0, problems.join(' | '));
await browser.close();
finish();

async function run() {
  await page.getByRole('button', { name: /^Execute query/ }).click();
}

async function editorShows(text, where = page) {
  const wanted = text.replaceAll(/\s/g, '');
  await until((shown) => shown.startsWith(wanted), () => textOf('.graphiql-query-editor', where));
}

function responseText() {
  return textOf('.result-window', page);
}

async function responseMatches(pattern) {
  await until((shown) => pattern.test(shown), responseText);
}

// The text of a Monaco editor without its spaces. Monaco draws the lines in any order, wraps them, and writes spaces as no-break spaces.
function textOf(editor, where) {
  return where.evaluate((selector) => {
    const lines = [...document.querySelectorAll(`${selector} .view-line`)].sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top));
    return lines.map((line) => line.textContent).join('').replaceAll(/\s/g, '');
  }, editor);
}

// Asked again from here: the browser's own waiting needs eval, which the content security policy forbids.
async function until(right, read) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    if (right(value)) return;
    if (Date.now() > deadline) throw new Error(`after 20 s it shows: ${value}`);
    await sleep(50);
  }
}

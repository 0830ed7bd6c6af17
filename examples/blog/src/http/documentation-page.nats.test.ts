import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blogForTests } from '../blog.fixture.ts';

const blog = blogForTests();
let browser: Browser;

/** A Chromium that comes out of a package runs on Linux; `CHROMIUM_BIN` names another. */
beforeAll(async () => {
  const executablePath = process.env['CHROMIUM_BIN'] || (await chromium.executablePath());
  browser = await playwright.launch({ executablePath, args: chromium.args, headless: true });
});

afterAll(() => browser.close());

it('the documentation can be read, and tried, in a browser that reaches nothing but the blog', async () => {
  const page = await browser.newPage();
  const elsewhere: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(blog.url()) && !url.startsWith('data:')) elsewhere.push(url);
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });

  await page.goto(`${blog.url()}/docs`);
  await page.getByText('/posts/{id}/publish').first().waitFor();
  const operations = await page.locator('.opblock-summary').allInnerTexts();
  const listed = operations.map((text) => text.replace(/\s+/g, ' '));
  for (const operation of [
    'POST /users',
    'PATCH /users',
    'GET /posts',
    'POST /posts',
    'GET /livez',
    'GET /readyz',
  ]) {
    expect(listed).toContainEqual(expect.stringContaining(operation));
  }

  const register = page.locator('.opblock-post', { has: page.locator('[data-path="/users"]') });
  await register.locator('.opblock-summary').click();
  await register.getByRole('button', { name: 'Try it out' }).click();
  await register.locator('textarea').fill('{"name":"Ada"}');
  await register.getByRole('button', { name: 'Execute' }).click();
  await register.locator('.live-responses-table .response-col_status', { hasText: '201' }).waitFor();

  expect(elsewhere).toEqual([]);
  expect(problems).toEqual([]);
}, 60_000);

// A window of a real VS Code for one test: its own server, profile, temporary folder and browser context, and the end of all of them.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import * as places from './places.mjs';
import { writeProfile } from './profile.mjs';
import { Repository } from './repository.mjs';
import { Server } from './server.mjs';
import { Workbench } from '../pages/workbench.mjs';

/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;

export function theBrowser() {
  browser ??= places.browserType().launch({
    executablePath: places.chromium(),
    // Chromium's own sandbox needs privileges that containers rarely give; it only ever sees our loopback server here.
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb',
      // Whatever VS Code would like to ask of the world stays unasked.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--disable-background-networking', '--disable-component-update',
    ],
  });
  return browser;
}

export async function closeBrowser() {
  await (await browser)?.close();
  browser = undefined;
}

// Once per file of tests: a browser takes longer to start than some tests take to run.
if (process.env.NODE_TEST_CONTEXT) after(closeBrowser);

/**
 * @typedef {import('./profile.mjs').Wishes & {
 *   trusted?: boolean, folders?: string[], port?: number, environment?: Record<string, string>,
 *   prepare?: (window: { root: string, workspace: string, repository: Repository }) => Promise<unknown>,
 * }} WindowOptions
 * folders: more than one makes a multi-root workspace; none an empty window. prepare: before VS Code starts.
 */

export class Window {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    // Short: VS Code puts sockets below it, whose paths have a limit.
    this.root = mkdtempSync(path.join(os.tmpdir(), 'ui-'));
    this.userData = path.join(this.root, 'vscode');
    this.repository = new Repository(this.root);
    this.shots = 0;
  }

  /** The first folder of the workspace. */
  get workspace() {
    return this.folder('project');
  }

  /** @param {string} name */
  folder(name) {
    return path.join(this.root, name);
  }

  /** Starts the server. @param {WindowOptions} options @returns {Promise<string>} the address for a browser */
  async serve(options) {
    const folders = options.folders ?? ['project'];
    ['tmp', ...folders].forEach(name => mkdirSync(this.folder(name), { recursive: true }));
    await options.prepare?.({ root: this.root, workspace: this.workspace, repository: this.repository });
    writeProfile(this.userData, options);
    this.server = await Server.start({
      userData: this.userData, extensions: places.extensions(), log: this.folder('server.log'), locale: options.locale,
      trusted: options.trusted, port: options.port, environment: { HOME: this.root, TMPDIR: this.folder('tmp'), ...options.environment },
    });
    return this.address(folders);
  }

  /** Shows it in the browser of the tests. @param {WindowOptions} options */
  async open(options = {}) {
    const address = await this.serve(options);
    this.context = await (await theBrowser()).newContext({ viewport: { width: 1280, height: 800 }, locale: options.locale ?? 'en' });
    this.page = await this.context.newPage();
    // What counts is that the workbench appears, which is waited for below.
    await this.page.goto(address, { waitUntil: 'commit', timeout: 60000 });
    this.workbench = new Workbench(this.page, this);
    await this.workbench.ready();
    return this;
  }

  /** @param {string[]} folders */
  address(folders) {
    const url = new URL(/** @type {Server} */ (this.server).url);
    if (folders.length === 1) {
      url.searchParams.set('folder', this.folder(folders[0]));
    } else if (folders.length > 1) {
      const file = this.folder('team.code-workspace');
      writeFileSync(file, JSON.stringify({ folders: folders.map(name => ({ path: name })) }));
      url.searchParams.set('workspace', file);
    } else {
      url.searchParams.set('ew', 'true');
    }
    return url.toString();
  }

  /** The same window anew, as after the Reload Window command; secrets stay. */
  async reload() {
    await this.page?.reload();
    await this.workbench?.ready();
  }

  /** A picture for people, in artifacts/ui. @param {string} what */
  async screenshot(what) {
    this.shots++;
    const file = `${this.name}-${String(this.shots).padStart(2, '0')}-${what}.png`.replace(/[^\w.-]+/g, '-');
    await this.page?.screenshot({ path: places.artifact(file), animations: 'disabled' });
  }

  /** What VS Code, the extension and its engine wrote, for whoever has to find out. @param {string} place */
  keepLogs(place) {
    for (const source of [this.folder('server.log'), path.join(this.userData, 'logs')]) {
      if (existsSync(source)) cpSync(source, places.artifact(place, path.basename(source)), { recursive: true });
    }
  }

  /** The times at which VS Code activated our extension, as its own logs say. */
  activations() {
    const logs = path.join(this.userData, 'logs');
    const files = readdirSync(logs, { recursive: true }).map(String).filter(name => name.endsWith('remoteexthost.log'));
    const lines = files.flatMap(name => readFileSync(path.join(logs, name), 'utf8').split('\n'));
    const ours = lines.filter(line => line.includes('_doActivateExtension mikura.mikura'));
    return ours.map(line => new Date(line.slice(0, 23).replace(' ', 'T')).getTime()).sort((a, b) => a - b);
  }

  async close() {
    await this.context?.close();
    await this.server?.stop();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Node.js 24 tells it; the types of an older one do not. @param {import('node:test').TestContext} t */
export function hasPassed(t) {
  return /** @type {{ passed?: boolean }} */ (/** @type {unknown} */ (t)).passed === true;
}

/**
 * A window for the test `t`; closed when the test has ended, with a picture and the logs if it failed.
 * @param {import('node:test').TestContext} t
 * @param {string} name
 * @param {WindowOptions} [options]
 */
export async function openWindow(t, name, options) {
  const window = new Window(name);
  t.after(async () => {
    try {
      if (!hasPassed(t)) {
        await window.screenshot('FAILED').catch(() => {});
        window.keepLogs(`${name}-FAILED`);
      }
    } finally {
      await window.close();
    }
  });
  return /** @type {Promise<Required<Window> & { page: import('playwright-core').Page, workbench: Workbench, server: Server }>} */ (window.open(options));
}

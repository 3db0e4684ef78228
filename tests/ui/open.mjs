// `./dev vscode`: a VS Code on a sample project, until Ctrl-C. With --check: shows it in a browser of ours, takes a picture, ends.

import { chmodSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as places from './lib/places.mjs';
import { writeFiles } from './lib/repository.mjs';
import { Window, closeBrowser } from './lib/window.mjs';

const { values: wishes } = parseArgs({
  options: { ja: { type: 'boolean' }, light: { type: 'boolean' }, fresh: { type: 'boolean' }, check: { type: 'boolean' }, port: { type: 'string' } },
});

const NOTES = '# Notes\n\nThe plan for the bakery.\n\n- ovens\n- flour\n- a name\n';

/** A project with three versions by two machines, a local change, a conflict, and a version that has not arrived yet. */
async function sample(/** @type {{ workspace: string, repository: import('./lib/repository.mjs').Repository }} */ { workspace, repository }) {
  const files = { 'notes.md': NOTES, 'src/oven.py': 'def bake(minutes):\n    return "bread" if minutes > 30 else "dough"\n', '.gitignore': '*.log\n' };
  if (wishes.fresh) return writeFiles(workspace, files);
  const here = await repository.create(workspace, files);
  const laptop = await repository.clone('laptop');
  await laptop.publish({ 'prices.csv': 'bread,4.20\nroll,0.60\n' }, 'Prices');
  await here.sync(workspace);
  await laptop.publish({ 'notes.md': NOTES.replace('a name', 'a name: Mikura') }, 'A name');
  writeFiles(workspace, { 'notes.md': NOTES.replace('a name', 'a name, and a sign'), 'src/oven.py': 'def bake(minutes, heat=230):\n    return "bread" if minutes * heat > 6000 else "dough"\n' });
  await here.sync(workspace, 'A hotter oven');
  await laptop.machine.sync(laptop.folder);
  await laptop.publish({ 'prices.csv': 'bread,4.30\nroll,0.60\ncake,12\n' }, 'Cake');
  writeFiles(workspace, { 'ideas.txt': 'open on Sundays?\n' });
  return undefined;
}

const window = new Window('vscode');
const stopped = new Promise(resolve => ['SIGINT', 'SIGTERM'].forEach(signal => process.on(signal, resolve)));
try {
  // The browser is another program of the same person, but what lies in here holds keys.
  chmodSync(window.root, 0o700);
  const options = {
    prepare: sample, locale: wishes.ja ? 'ja' : 'en', theme: /** @type {import('./lib/profile.mjs').Theme} */ (wishes.light ? 'light' : 'dark'),
    port: wishes.port ? Number(wishes.port) : undefined,
    environment: { PATH: `${path.dirname(places.engine())}${path.delimiter}${process.env.PATH}` },
  };
  if (wishes.check) {
    await window.open(options);
    await window.workbench?.settled();
    await window.screenshot('check');
    console.log(`The status item says: ${await window.workbench?.statusText()}`);
  } else {
    const address = await window.serve(options);
    console.log(`\n  ${address}\n`);
    if (!wishes.fresh) console.log(`The key of its repository lies in ${window.repository.keyFile}; choose it when Mikura asks.`);
    console.log(`A store for a repository of your own: file://${window.folder('my store')}\nThe other machine: mikura -C ${window.folder('laptop')} …\nCtrl-C ends it and removes everything.`);
    await stopped;
  }
} finally {
  await window.close();
  await closeBrowser();
}

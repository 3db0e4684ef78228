// Repositories and what other machines do to them, with the command `mikura`.

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import * as places from './places.mjs';

const run = promisify(execFile);

/** Exit codes of the command that are no failure of a test's own making. */
const CONFLICTS = 3;

/** A working copy on "another machine": the command with a state folder of its own. */
export class Machine {
  /** @param {string} home @param {string} keyFile @param {string} name */
  constructor(home, keyFile, name) {
    this.home = home;
    this.keyFile = keyFile;
    this.name = name;
    mkdirSync(home, { recursive: true });
  }

  /** @param {string} folder @param {...string} words */
  async mikura(folder, ...words) {
    const env = { ...process.env, HOME: this.home, XDG_STATE_HOME: path.join(this.home, 'state'), XDG_CONFIG_HOME: path.join(this.home, 'config') };
    try {
      return (await run(places.engine(), ['--key-file', this.keyFile, ...words], { cwd: folder, env, maxBuffer: 1 << 28 })).stdout;
    } catch (error) {
      const failed = /** @type {{ code?: number, stdout?: string, stderr?: string }} */ (error);
      if (failed.code === CONFLICTS) return failed.stdout ?? '';
      throw new Error(`mikura ${words.join(' ')}: exit code ${failed.code}\n${failed.stderr}`);
    }
  }

  /** @param {string} folder @param {string} [message] */
  async sync(folder, message) {
    return JSON.parse(await this.mikura(folder, 'sync', '--json', '--no-progress', ...(message ? ['--message', message] : [])));
  }
}

/** A store in a folder, its key, and the first working copy of it. */
export class Repository {
  /** @param {string} root a temporary folder of the test */
  constructor(root) {
    this.root = root;
    this.store = path.join(root, 'store');
    this.url = `file://${this.store}`;
    this.keyFile = path.join(root, 'team.key');
  }

  /**
   * A working copy with files, set up by the command; its first version is published.
   * @param {string} folder
   * @param {Record<string, string>} files
   */
  async create(folder, files) {
    await run(places.engine(), ['key', 'generate', this.keyFile]);
    writeFiles(folder, files);
    const here = this.machine('here');
    await here.mikura(this.root, 'init', this.url, folder);
    await here.sync(folder);
    return here;
  }

  /** @param {string} name */
  machine(name) {
    return new Machine(path.join(this.root, `home of ${name}`), this.keyFile, name);
  }

  /** The repository on another machine. @param {string} name */
  async clone(name) {
    const machine = this.machine(name);
    const folder = path.join(this.root, name);
    await machine.mikura(this.root, 'clone', this.url, folder);
    return {
      folder,
      machine,
      /** @param {Record<string, string>} files @param {string} [message] */
      async publish(files, message) {
        writeFiles(folder, files);
        return machine.sync(folder, message);
      },
    };
  }

  /** The text of the key, as a person would paste it. */
  key() {
    return keyOf(this.keyFile);
  }

  /** A key, but not of this repository. */
  async wrongKey() {
    const file = path.join(this.root, 'wrong.key');
    await run(places.engine(), ['key', 'generate', file]);
    return keyOf(file);
  }
}

/** @param {string} file */
function keyOf(file) {
  const line = readFileSync(file, 'utf8').split('\n').find(text => text.startsWith('MIKURA-KEY-1'));
  if (!line) throw new Error(`${file} holds no key`);
  return line;
}

/** @param {string} folder @param {Record<string, string>} files */
export function writeFiles(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

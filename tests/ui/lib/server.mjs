// A real VS Code as a web server on loopback (code-server), from start() to stop().

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import * as places from './places.mjs';
import { endFamily, eventually, family, freePort } from './processes.mjs';

const START_MILLISECONDS = 60000;
// Nobody is asked for anybody's extensions: a port of loopback on which nothing listens.
const NO_GALLERY = JSON.stringify({ serviceUrl: 'http://127.0.0.1:9', itemUrl: 'http://127.0.0.1:9' });

/** @typedef {{ userData: string, extensions: string, log: string, locale?: string, trusted?: boolean, port?: number, environment?: Record<string, string> }} ServerOptions */

export class Server {
  /** @param {import('node:child_process').ChildProcess} child @param {number} port */
  constructor(child, port) {
    this.child = child;
    this.port = port;
    this.url = `http://127.0.0.1:${port}/`;
  }

  /** @param {ServerOptions} options */
  static async start(options) {
    const port = options.port ?? (await freePort());
    const words = [
      path.join(places.codeServer(), 'out', 'node', 'entry.js'), '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`,
      '--user-data-dir', options.userData, '--extensions-dir', options.extensions, '--config', path.join(options.userData, 'config.yaml'),
      '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--ignore-last-opened',
      ...(options.locale ? ['--locale', options.locale] : []), ...(options.trusted === false ? [] : ['--disable-workspace-trust']),
    ];
    return Server.run(words, port, 'healthz', options);
  }

  /**
   * VS Code's own server, which takes the path of tests to run in its extension host; code-server's does not.
   * @param {ServerOptions} options
   */
  static async startForHostTests(options) {
    const port = await freePort();
    const words = [
      path.join(places.codeServer(), 'lib', 'vscode', 'out', 'server-main.js'), '--host', '127.0.0.1', '--port', String(port),
      '--without-connection-token', '--accept-server-license-terms', '--enable-smoke-test-driver', '--server-data-dir', options.userData,
      '--extensions-dir', options.extensions, '--disable-telemetry', '--disable-workspace-trust',
    ];
    return Server.run(words, port, 'version', options);
  }

  /** @param {string[]} words @param {number} port @param {string} probe @param {ServerOptions} options */
  static async run(words, port, probe, options) {
    const log = createWriteStream(options.log);
    const child = spawn(process.execPath, words, { env: { ...process.env, EXTENSIONS_GALLERY: NO_GALLERY, ...options.environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    const server = new Server(child, port);
    try {
      await eventually('VS Code answers', async () => {
        // Somebody else's server on this port would answer, too.
        if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}, see ${options.log}`);
        return (await fetch(server.url + probe, { redirect: 'manual' })).ok;
      }, START_MILLISECONDS);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** The engines that the extension has started here. */
  engines() {
    return family(this.child.pid ?? 0).filter(entry => /\bmikura serve\b/.test(entry.command));
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    await endFamily(this.child.pid ?? 0);
    await ended;
  }
}

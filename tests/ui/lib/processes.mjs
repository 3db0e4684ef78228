// Processes by their ids: what a child has started, what a program is doing, and how all of it ends.

import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One line of the process table. @typedef {{ pid: number, parent: number, group: number, command: string }} Entry */

/** @returns {Entry[]} */
function table() {
  const entries = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // "pid (name) state parent group …": the name may hold anything, the last parenthesis ends it.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
      if (fields[0] !== 'Z') entries.push({ pid: Number(name), parent: Number(fields[1]), group: Number(fields[2]), command });
    } catch {
      // It ended while we looked.
    }
  }
  return entries;
}

/** A process and everything that it started, itself first. @param {number} root */
export function family(root) {
  const entries = table();
  const found = entries.filter(entry => entry.pid === root);
  for (let i = 0; i < found.length; i++) {
    found.push(...entries.filter(entry => entry.parent === found[i].pid && !found.includes(entry)));
  }
  return found;
}

/** @param {number} pid */
export function lives(pid) {
  return table().some(entry => entry.pid === pid);
}

/**
 * Ends a child and its descendants, also those that moved to a process group of their own. The server's file watcher and agent host
 * outlive a SIGTERM of their parent, so they are remembered first.
 * @param {number} root
 */
export async function endFamily(root) {
  const members = new Set(family(root).map(entry => entry.pid));
  send(members, 'SIGTERM');
  for (const deadline = Date.now() + 3000; Date.now() < deadline; await sleep(50)) {
    family(root).forEach(entry => members.add(entry.pid));
    if (![...members].some(lives)) return;
  }
  send(members, 'SIGKILL');
}

/** @param {Iterable<number>} pids @param {NodeJS.Signals} signal */
export function send(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended already.
    }
  }
}

/** A port of loopback that was free a moment ago. @returns {Promise<number>} */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Asks until the answer is truthy, and gives it. The error says what was waited for, and the last problem.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} ask
 * @param {number} [milliseconds]
 * @returns {Promise<NonNullable<T>>}
 */
export async function eventually(what, ask, milliseconds = 20000) {
  let problem = '';
  for (const deadline = Date.now() + milliseconds; ; await sleep(50)) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      problem = ` (${error instanceof Error ? error.message.split('\n')[0] : error})`;
    }
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds / 1000} s in vain for: ${what}${problem}`);
  }
}

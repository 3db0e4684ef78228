// The settings, typed. Those that could run a program or change who one is are machine-scoped in package.json and
// ignored in untrusted workspaces.

import * as vscode from 'vscode';
import type { Policy, WatchSettings } from '../engine/protocol';

export type AutoSyncMode = 'off' | 'onSave' | 'interval';

function section(folder?: string): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('mikura', folder ? vscode.Uri.file(folder) : null);
}

export const enginePath = (): string => section().get<string>('engine.path', '').trim();
export const countBadge = (): string => section().get<string>('countBadge', 'all');
export const decorationsEnabled = (): boolean => section().get<boolean>('decorations.enabled', true);
export const conflictNotifications = (): boolean => section().get<boolean>('showConflictNotifications', true);
export const promptToSave = (folder: string): boolean =>
  section(folder).get<boolean>('promptToSaveFilesBeforeSync', true);
export const autoSyncMode = (folder: string): AutoSyncMode =>
  section(folder).get<AutoSyncMode>('autoSync.mode', 'onSave');
export const pollMinutes = (folder: string): number =>
  clamp(section(folder).get<number>('autoSync.pollMinutes', 5), 0, 1440);

export function identity(): { author?: string; device?: string } {
  const author = section().get<string>('author', '').trim();
  const device = section().get<string>('device', '').trim();
  return { ...(author ? { author } : {}), ...(device ? { device } : {}) };
}

// How the engine watches a folder. In `interval` mode it only looks, and the extension's own timer syncs.
export function watchSettings(folder: string, mayPublish: boolean): WatchSettings {
  const quietSeconds = clamp(section(folder).get<number>('autoSync.quietSeconds', 2), 1, 600);
  return {
    on_change: true,
    quiet_ms: quietSeconds * 1000,
    max_wait_ms: Math.max(30_000, quietSeconds * 2000),
    poll_seconds: Math.round(pollMinutes(folder) * 60),
    sync: mayPublish && autoSyncMode(folder) === 'onSave',
  };
}

// What the user has set, and only that: what the folder remembers otherwise stays as it is.
export function folderSettings(folder: string): { policy?: Policy; use_gitignore?: boolean } {
  const policy = explicit<Policy>(section(folder), 'conflictPolicy');
  const useGitignore = explicit<boolean>(section(folder), 'useGitignore');
  return {
    ...(policy !== undefined ? { policy } : {}),
    ...(useGitignore !== undefined ? { use_gitignore: useGitignore } : {}),
  };
}

// The proxy of VS Code's settings, for an engine that reads the usual variables. One with a password is left out:
// variables can be seen by others.
export function proxyEnvironment(): NodeJS.ProcessEnv {
  const http = vscode.workspace.getConfiguration('http');
  const proxy = http.get<string>('proxy', '').trim();
  if (!proxy || /\/\/[^/]*@/.test(proxy)) return {};
  const none = http.get<string[]>('noProxy', []).join(',');
  return { http_proxy: proxy, https_proxy: proxy, ...(none ? { no_proxy: none } : {}) };
}

function explicit<T>(config: vscode.WorkspaceConfiguration, key: string): T | undefined {
  const found = config.inspect<T>(key);
  return found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
}

function clamp(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : low;
}

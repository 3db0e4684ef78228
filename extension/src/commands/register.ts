// Every command of package.json, and what it does.

import * as vscode from 'vscode';
import type { Snapshots } from '../content/snapshots';
import { toEngineError } from '../engine/errors';
import { showMenu } from '../status/statusBar';
import * as changes from './changes';
import * as conflicts from './conflicts';
import type { Parts } from './context';
import { pickFolder } from './context';
import * as help from './help';
import * as history from './history';
import * as keys from './keys';
import * as restore from './restore';
import { setUp } from './setup';
import * as sync from './sync';

const HARMLESS = new Set(['showMenu', 'showLog', 'openSettings', 'openWalkthrough']);

export function registerCommands(parts: Parts, snapshots: Snapshots): vscode.Disposable[] {
  const table: Record<string, (...args: unknown[]) => unknown> = {
    createRepository: () => setUp(parts, 'create'),
    connectRepository: () => setUp(parts, 'connect'),
    openWalkthrough: () => help.openWalkthrough(),
    showMenu: () => showMenu(parts),
    sync: argument => sync.syncCommand(parts, 'sync', argument),
    push: argument => sync.syncCommand(parts, 'push', argument),
    pull: argument => sync.syncCommand(parts, 'pull', groupFolder(parts, argument)),
    previewSync: argument => sync.previewSync(parts, argument),
    pauseSync: () => sync.pauseSync(parts),
    resumeSync: () => sync.resumeSync(parts),
    refresh: argument => sync.refresh(parts, argument),
    openDiff: (...args) => changes.openDiff(parts, ...args),
    openFile: (...args) => changes.openFile(parts, ...args),
    openLastSynced: (...args) => changes.openLastSynced(parts, ...args),
    revealInExplorer: (...args) => changes.revealInExplorer(parts, ...args),
    openAllChanges: argument => changes.openAllChanges(parts, argument),
    discard: (...args) => changes.discard(parts, ...args),
    discardAll: argument => changes.discardAll(parts, argument),
    addToIgnore: (...args) => changes.addToIgnore(parts, ...args),
    'resolve.keepLocal': (...args) => conflicts.resolveWith(parts, 'keep_local', ...args),
    'resolve.takeRemote': (...args) => conflicts.resolveWith(parts, 'take_remote', ...args),
    'resolve.keepBoth': (...args) => conflicts.resolveWith(parts, 'keep_both', ...args),
    'resolve.merge': (...args) => conflicts.resolveWith(parts, 'merge', ...args),
    'resolve.openMergeEditor': (...args) => conflicts.mergeInEditor(parts, snapshots, ...args),
    'resolve.completeMerge': argument => conflicts.completeMerge(parts, argument),
    'resolve.compare': (...args) => conflicts.compare(parts, ...args),
    'resolve.pick': (...args) => conflicts.pick(parts, snapshots, ...args),
    'resolve.allKeepLocal': argument => conflicts.resolveAll(parts, 'keep_local', argument),
    'resolve.allTakeRemote': argument => conflicts.resolveAll(parts, 'take_remote', argument),
    hideConflictNotices: () => conflicts.hideNotices(parts),
    'history.refresh': () => parts.history.reload(),
    'history.loadMore': node => loadMore(parts, node),
    'history.showFile': (...args) => history.showFileHistory(parts, ...args),
    'history.showAll': () => parts.history.show(undefined),
    'history.openDiff': node => history.openDiff(node),
    'history.openVersionChanges': node => history.openVersionChanges(parts, node),
    'history.openFileAtVersion': node => history.openFileAtVersion(node),
    'history.compareWithWorkingTree': node => history.compareWithWorkingTree(parts, node),
    'history.selectForCompare': node => history.selectForCompare(parts, node),
    'history.compareWithSelected': node => history.compareWithSelected(parts, node),
    'history.copyId': node => history.copyId(node),
    'restore.file': (...args) => restore.restoreFile(parts, ...args),
    'restore.folder': (...args) => restore.restoreFolder(parts, ...args),
    'restore.version': node => restore.restoreVersion(parts, node),
    'restore.as': node => restore.restoreAs(parts, node),
    'key.enter': argument => enterKey(parts, argument),
    'key.forget': argument => keys.forgetKey(parts, argument),
    'key.saveRecoveryKit': argument => keys.saveKit(parts, argument),
    'key.generate': () => keys.generateKey(parts),
    'mfa.enter': () => keys.enterMfaCode(parts),
    showLog: () => parts.log.show(),
    restartEngine: () => help.restartEngine(parts),
    doctor: argument => help.doctor(parts, argument),
    openSettings: () => help.openSettings(),
  };
  return Object.entries(table).map(([name, run]) =>
    vscode.commands.registerCommand(`mikura.${name}`, async (...args: unknown[]) => {
      try {
        // Not even a command may start the engine where nobody trusts the files.
        if (!vscode.workspace.isTrusted && !HARMLESS.has(name))
          return await vscode.commands.executeCommand('workbench.trust.manage');
        return await parts.mfa.attending(async () => run(...args));
      } catch (error) {
        // Whatever was not told where it happened.
        parts.notify.failed('Mikura', toEngineError(error));
        return undefined;
      }
    }),
  );
}

async function enterKey(parts: Parts, argument: unknown): Promise<void> {
  const missing = parts.registry.linked.filter(model => model.key === 'missing' || model.key === 'wrong');
  const model = await pickFolder(parts, argument, missing.length > 0 ? missing : parts.registry.linked);
  if (model) await keys.enterKey(parts, model);
}

async function loadMore(parts: Parts, node: unknown): Promise<void> {
  if (typeof node === 'object' && node !== null && 'type' in node && node.type === 'more' && 'history' in node) {
    await parts.history.more(node.history as Parameters<Parts['history']['more']>[0]);
  }
}

// A group of the Source Control view stands for its folder.
function groupFolder(parts: Parts, argument: unknown): unknown {
  const found = parts.scm.findGroup(argument as vscode.SourceControlResourceGroup);
  return found ? found.scm.control : argument;
}

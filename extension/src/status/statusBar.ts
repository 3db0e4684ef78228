// The one status item, and the menu that it opens.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from '../app';
import { currentSetupState } from '../folders';
import * as config from '../util/config';
import { setupText, statusText, statusTooltip, totals } from './statusText';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('mikura.status', vscode.StatusBarAlignment.Left, 10);
  private readonly subscriptions: { dispose(): void }[];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly app: App) {
    this.item.name = 'Mikura';
    this.item.command = 'mikura.showMenu';
    this.subscriptions = [
      app.registry.onDidChange(() => this.soon()),
      app.registry.onDidChangeFolders(() => this.soon()),
      app.engine.onDidChangeState(() => this.soon()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.soon()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.soon()),
      // "5 minutes ago" goes on being true.
      setIntervalDisposable(() => this.soon(), 30_000),
    ];
    this.update();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.item.dispose();
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.update();
    }, 50);
  }

  private update(): void {
    const models = this.app.registry.linked;
    const engine = this.app.engine.state;
    const { text, label, severity } =
      models.length > 0 ? statusText(models, engine) : setupText(currentSetupState(this.app));
    this.item.text = text;
    this.item.accessibilityInformation = { label, role: 'button' };
    this.item.tooltip = new vscode.MarkdownString(models.length > 0 ? statusTooltip(models, engine) : label);
    this.item.backgroundColor =
      severity === 'none' ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`);
    this.item.show();
  }
}

interface MenuItem extends vscode.QuickPickItem {
  command?: string;
  arguments?: unknown[];
}

// The menu holds what makes sense now, the most likely first.
export async function showMenu(app: App): Promise<void> {
  const models = app.registry.linked;
  const sum = totals(models);
  const items: MenuItem[] = [];
  const add = (icon: string, label: string, command: string, description?: string, ...args: unknown[]) => {
    items.push({ label: `$(${icon}) ${label}`, command, description, arguments: args });
  };
  const separate = () => items.push({ label: '', kind: vscode.QuickPickItemKind.Separator });
  if (app.engine.state === 'failed') add('debug-restart', l10n.t('Restart Engine'), 'mikura.restartEngine');
  if (models.some(model => model.key === 'missing' || model.key === 'wrong'))
    add('key', l10n.t('Enter Key…'), 'mikura.key.enter');
  if (models.some(model => model.failure?.code === 'mfa_missing'))
    add('key', l10n.t('Enter MFA Code…'), 'mikura.mfa.enter');
  if (models.length > 0 && app.engine.state !== 'failed') {
    if (sum.conflicts > 0) add('git-merge', l10n.t('Resolve Conflicts…'), 'mikura.resolve.pick', String(sum.conflicts));
    add(
      'sync',
      l10n.t('Sync Now'),
      'mikura.sync',
      sum.changes + sum.incoming > 0 ? `${sum.changes}↑ ${sum.incoming}↓` : undefined,
    );
    add('eye', l10n.t('Preview Sync…'), 'mikura.previewSync');
    if (models.every(model => config.autoSyncMode(model.folder) === 'off'))
      add(
        'play',
        l10n.t('Turn On Automatic Sync…'),
        'workbench.action.openSettings',
        undefined,
        'mikura.autoSync.mode',
      );
    else if (models.some(model => model.paused))
      add('debug-start', l10n.t('Resume Automatic Sync'), 'mikura.resumeSync');
    else add('debug-pause', l10n.t('Pause Automatic Sync…'), 'mikura.pauseSync');
    separate();
    add('source-control', l10n.t('Show Changes'), 'workbench.view.scm');
    add('history', l10n.t('Show History'), 'mikura.history.focus');
    separate();
    add('pulse', l10n.t('Check Repository and Connection'), 'mikura.doctor');
  } else if (!vscode.workspace.isTrusted) {
    add('workspace-untrusted', l10n.t('Manage Workspace Trust'), 'workbench.trust.manage');
  } else if (models.length === 0) {
    add('add', l10n.t('Create Repository…'), 'mikura.createRepository');
    add('plug', l10n.t('Connect to Repository…'), 'mikura.connectRepository');
  }
  add('gear', l10n.t('Open Settings'), 'mikura.openSettings');
  add('output', l10n.t('Show Log'), 'mikura.showLog');
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Mikura',
    placeHolder: l10n.t('What should be done?'),
  });
  if (picked?.command) await vscode.commands.executeCommand(picked.command, ...(picked.arguments ?? []));
}

function setIntervalDisposable(work: () => void, ms: number): vscode.Disposable {
  const timer = setInterval(work, ms);
  return { dispose: () => clearInterval(timer) };
}

// Tells about what happens in the background, and only what a person must act on: new conflicts, a guard that stopped
// a sync, a missing or wrong key, denied access, signs of tampering, an engine that cannot be kept alive. Everything
// else is in the status item.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from './app';
import type { ErrorCode } from './engine/errors';
import type { FolderModel } from './model/folder';
import * as config from './util/config';
import { choicesFor, type Choice } from './util/notify';
import { explain, explainEngineFailure } from './util/messages';
import { baseName } from './model/paths';

const ACTIONABLE: ReadonlySet<ErrorCode> = new Set([
  'denied',
  'no_credentials',
  'key_missing',
  'mfa_missing',
  'wrong_key',
  'corrupt',
  'rollback',
  'refused',
  'full',
]);
const GRAVE: ReadonlySet<ErrorCode> = new Set(['corrupt', 'rollback']);

export class Alerts implements vscode.Disposable {
  private readonly known = new Map<string, Set<string>>();
  private readonly subscriptions: { dispose(): void }[];

  constructor(private readonly app: App) {
    this.subscriptions = [
      app.registry.onDidChange(model => this.look(model)),
      app.engine.onDidChangeState(state => {
        if (state === 'failed') void this.engineFailed();
        else if (state === 'running') app.notify.settled('engine');
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private look(model: FolderModel): void {
    if (!model.linked) return;
    this.conflicts(model);
    const failure = model.failure;
    const key = (code: string) => `${model.folder} ${code}`;
    // What the user has just asked for is told where it was asked.
    if (!failure || !ACTIONABLE.has(failure.code)) {
      if (!failure) for (const code of ACTIONABLE) this.app.notify.settled(key(code));
      return;
    }
    if (model.operation) return;
    const { text, remedy } = explain(failure);
    const choices: Choice[] =
      failure.code === 'refused'
        ? [
            {
              title: l10n.t('Review and Sync'),
              run: () => vscode.commands.executeCommand('mikura.sync', vscode.Uri.file(model.folder)),
            },
          ]
        : choicesFor(remedy);
    const line = l10n.t(
      '{0}: {1}',
      model.name,
      failure.code === 'refused' ? l10n.t('a sync would change more than half of the files, so it was stopped.') : text,
    );
    void (GRAVE.has(failure.code)
      ? this.app.notify.grave(key(failure.code), line, choices)
      : this.app.notify.troubled(key(failure.code), line, choices));
  }

  // New ones are told together. Those that were there when the window opened are not news.
  private conflicts(model: FolderModel): void {
    if (!model.status) return;
    const now = new Set(model.conflicts.map(conflict => `${conflict.path} ${conflict.since_ms}`));
    const before = this.known.get(model.folder);
    this.known.set(model.folder, now);
    const fresh = model.conflicts.filter(conflict => before && !before.has(`${conflict.path} ${conflict.since_ms}`));
    const key = `${model.folder} conflicts ${[...now].sort().join(' ')}`;
    if (fresh.length === 0 || !config.conflictNotifications()) return;
    const text =
      fresh.length === 1
        ? l10n.t('{0} was changed here and on another computer. Both versions are kept.', baseName(fresh[0]!.path))
        : l10n.t('{0} files were changed here and on another computer. Both versions are kept.', fresh.length);
    const first = vscode.Uri.joinPath(vscode.Uri.file(model.root), fresh[0]!.path);
    void this.app.notify.troubled(key, text, [
      fresh.length === 1
        ? { title: l10n.t('Resolve…'), run: () => vscode.commands.executeCommand('mikura.resolve.pick', first) }
        : { title: l10n.t('Show Conflicts'), run: () => vscode.commands.executeCommand('workbench.view.scm') },
      {
        title: l10n.t("Don't Show Again"),
        run: () =>
          vscode.workspace
            .getConfiguration('mikura')
            .update('showConflictNotifications', false, vscode.ConfigurationTarget.Global),
      },
    ]);
  }

  private async engineFailed(): Promise<void> {
    const { text, remedy } = explainEngineFailure(this.app.engine.lastFailure);
    await this.app.notify.grave('engine', text, choicesFor(remedy));
  }
}

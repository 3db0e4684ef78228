// Tells about what happens in the background, and only what a person must act on: new conflicts, a guard that stopped
// a sync, a missing or wrong key, denied access, signs of tampering, an engine that cannot be kept alive. Everything
// else is in the status item.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import type { App } from './app';
import type { ErrorCode } from './engine/errors';
import type { FolderModel } from './model/folder';
import * as config from './util/config';
import { choicesFor, linksFor, type Choice, type Link } from './util/notify';
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
// What goes away when the user has done something about it, wherever that is.
const PENDING: ReadonlySet<ErrorCode> = new Set(['key_missing', 'wrong_key', 'mfa_missing']);
const GRAVE: ReadonlySet<ErrorCode> = new Set(['corrupt', 'rollback']);

// By what the messages about a trouble of a folder are known to the notifier.
export const matterKey = (model: FolderModel, code: ErrorCode): string => `${model.folder} ${code}`;

export class Alerts implements vscode.Disposable {
  private readonly known = new Map<string, Set<string>>();
  // What the notice of a folder's conflicts tells of.
  private readonly told = new Map<string, string[]>();
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
    const key = (code: ErrorCode) => matterKey(model, code);
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
    const { notify } = this.app;
    if (PENDING.has(failure.code)) void notify.pending(key(failure.code), line, linksFor(remedy));
    else if (GRAVE.has(failure.code)) void notify.grave(key(failure.code), line, choices);
    else void notify.troubled(key(failure.code), line, choices);
  }

  // New ones are told together, with those of the notice that is still shown. Those that were there when the window
  // opened are not news. The notice goes when what it tells of is settled.
  private conflicts(model: FolderModel): void {
    if (!model.status) return;
    const key = `${model.folder} conflicts`;
    const now = new Map(model.conflicts.map(conflict => [`${conflict.path} ${conflict.since_ms}`, conflict.path]));
    const before = this.known.get(model.folder);
    this.known.set(model.folder, new Set(now.keys()));
    const fresh = [...now.keys()].filter(id => before && !before.has(id));
    const told = this.app.notify.isNoticed(key) ? (this.told.get(model.folder) ?? []) : [];
    const still = told.filter(id => now.has(id));
    if (fresh.length === 0 && still.length === told.length) return;
    const about = [...still, ...fresh];
    this.told.set(model.folder, about);
    if (about.length === 0 || !config.conflictNotifications()) this.app.notify.settled(key);
    else
      this.app.notify.notice(
        key,
        ...conflictNotice(
          model,
          about.map(id => now.get(id)!),
        ),
      );
  }

  private async engineFailed(): Promise<void> {
    const { text, remedy } = explainEngineFailure(this.app.engine.lastFailure);
    await this.app.notify.pending('engine', text, linksFor(remedy));
  }
}

function conflictNotice(model: FolderModel, paths: readonly string[]): [string, Link[]] {
  const hide: Link = { title: l10n.t("Don't Show Again"), command: 'mikura.hideConflictNotices' };
  if (paths.length > 1) {
    const text = l10n.t('{0} files were changed here and on another computer. Both versions are kept.', paths.length);
    return [text, [{ title: l10n.t('Show Conflicts'), command: 'workbench.view.scm' }, hide]];
  }
  const path = paths[0]!;
  const text = l10n.t('{0} was changed here and on another computer. Both versions are kept.', baseName(path));
  // A path, not a Uri: inside a link nothing would translate it in a remote window.
  const file = vscode.Uri.joinPath(vscode.Uri.file(model.root), path).fsPath;
  return [text, [{ title: l10n.t('Resolve…'), command: 'mikura.resolve.pick', arguments: [file] }, hide]];
}

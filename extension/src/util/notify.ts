// Notifications, sparingly: only what a person must act on, one of a kind at a time, and the same one not again
// within ten minutes. What is held back is in the log and in the status item.

import * as vscode from 'vscode';
import { l10n } from 'vscode';
import { isCancelled, type EngineError } from '../engine/errors';
import { explain, type Remedy } from './messages';
import { plain } from './text';

const QUIET_MS = 10 * 60 * 1000;

export interface Choice {
  title: string;
  run: () => unknown;
}

export interface Link {
  title: string;
  command: string;
  arguments?: unknown[];
}

// Brackets would end the link.
const commandUri = ({ command, arguments: args = [] }: Link): string => {
  const query = encodeURIComponent(JSON.stringify(args)).replaceAll('(', '%28').replaceAll(')', '%29');
  return `command:${command}${args.length > 0 ? `?${query}` : ''}`;
};

export class Notifier implements vscode.Disposable {
  private readonly shown = new Map<string, number>();
  private readonly lasting = new Set<string>();
  private readonly notices = new Map<string, () => void>();

  constructor(
    private readonly log: vscode.LogOutputChannel,
    private readonly now: () => number = Date.now,
  ) {}

  // An error of something that the user asked for: always told, with the way out as its first button.
  // Nobody waits for the answer: it may never come.
  failed(what: string, error: EngineError): void {
    this.record(what, error);
    if (isCancelled(error)) return;
    const { text, remedy } = explain(error);
    const about = error.path ? l10n.t('{0} ({1})', text, error.path) : text;
    void this.offer(vscode.window.showErrorMessage, l10n.t('{0}: {1}', what, about), choicesFor(remedy));
  }

  // Trouble in the background: told once for as long as it lasts.
  async troubled(key: string, text: string, choices: Choice[]): Promise<void> {
    await this.once(key, () => this.offer(vscode.window.showWarningMessage, text, choices));
  }

  async grave(key: string, text: string, choices: Choice[]): Promise<void> {
    await this.once(key, () => this.offer(vscode.window.showErrorMessage, text, choices));
  }

  // What the user settles, here or elsewhere: told once for as long as it lasts, and taken back then.
  async pending(key: string, text: string, links: Link[]): Promise<void> {
    await this.once(key, async () => this.notice(key, text, links));
  }

  // Something to decide, in a notice that goes away when it is settled, wherever that happens. A plain message cannot be
  // taken back; that of a progress can, and what can be done are links in its text. It replaces the one of the same key.
  notice(key: string, text: string, links: Link[]): void {
    this.takeBack(key);
    const ways = links.map(link => `[${link.title}](${commandUri(link)})`).join(' · ');
    const settled = new Promise<void>(resolve => this.notices.set(key, resolve));
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: `${plain(text)} ${ways}`,
      // The name of the button, where VS Code takes one: there is nothing to cancel. Elsewhere it is any true value.
      cancellable: l10n.t('Not Now') as unknown as boolean,
    };
    void vscode.window.withProgress(options, async (progress, token) => {
      // A bar that stands still: nothing is going on.
      progress.report({ increment: 100 });
      token.onCancellationRequested(() => this.takeBack(key));
      await settled;
    });
  }

  // Neither settled nor sent away.
  isNoticed(key: string): boolean {
    return this.notices.has(key);
  }

  // The matter is settled: should it come back after a while, it is told again.
  settled(key: string): void {
    this.lasting.delete(key);
    this.takeBack(key);
  }

  dispose(): void {
    for (const key of [...this.notices.keys()]) this.takeBack(key);
  }

  private takeBack(key: string): void {
    this.notices.get(key)?.();
    this.notices.delete(key);
  }

  record(what: string, error: EngineError): void {
    if (isCancelled(error)) this.log.info(`${what}: cancelled`);
    else
      this.log.error(
        [`${what}: ${error.code}: ${error.message}`, error.path ? `path: ${error.path}` : '', error.hint]
          .filter(Boolean)
          .join('\n  '),
      );
  }

  private async once(key: string, show: () => Promise<void>): Promise<void> {
    const last = this.shown.get(key);
    if (this.lasting.has(key)) return;
    this.lasting.add(key);
    if (last !== undefined && this.now() - last < QUIET_MS) return;
    this.shown.set(key, this.now());
    await show();
  }

  private async offer(
    show: (text: string, ...items: string[]) => Thenable<string | undefined>,
    text: string,
    choices: Choice[],
  ): Promise<void> {
    const picked = await show(plain(text), ...choices.map(choice => choice.title));
    await choices.find(choice => choice.title === picked)?.run();
  }
}

export const choicesFor = (remedy: Remedy): Choice[] =>
  linksFor(remedy).map(({ title, command, arguments: args = [] }) => ({
    title,
    run: () => vscode.commands.executeCommand(command, ...args),
  }));

export function linksFor(remedy: Remedy): Link[] {
  const openSettings: Link = {
    title: l10n.t('Open Settings'),
    command: 'workbench.action.openSettings',
    arguments: ['mikura.engine.path'],
  };
  const log: Link = { title: l10n.t('Show Log'), command: 'mikura.showLog' };
  switch (remedy) {
    case 'enterKey':
      return [{ title: l10n.t('Enter Key'), command: 'mikura.key.enter' }];
    case 'enterMfaCode':
      return [{ title: l10n.t('Enter MFA Code'), command: 'mikura.mfa.enter' }];
    case 'restartEngine':
      return [{ title: l10n.t('Restart Engine'), command: 'mikura.restartEngine' }, log];
    case 'doctor':
      return [{ title: l10n.t('Check Connection'), command: 'mikura.doctor' }, log];
    case 'openSettings':
      return [openSettings, log];
    case 'showLog':
      return [log];
    case 'none':
      return [];
  }
}

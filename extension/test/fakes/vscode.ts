// The few parts of the editor's API that the unit tests need. Real behaviour is tested in a real editor (tests/ui); here texts are returned as they are
// written, with their placeholders filled.

import { createInputBox, createQuickPick } from './quickInput';

export const l10n = {
  t: (message: string, ...args: (string | number)[]): string =>
    message.replace(/\{(\d+)\}/g, (all, index: string) => String(args[Number(index)] ?? all)),
};

export const env = { language: 'en' };

export class Uri {
  constructor(
    readonly scheme: string,
    readonly path: string,
    readonly query = '',
  ) {}
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(base.scheme, [base.path, ...parts].join('/'), base.query);
  }
  static file(path: string): Uri {
    return new Uri('file', path);
  }
  get fsPath(): string {
    return this.path;
  }
  with(change: { scheme?: string; query?: string }): Uri {
    return new Uri(change.scheme ?? this.scheme, this.path, change.query ?? this.query);
  }
  toString(): string {
    return `${this.scheme}://${encodeURI(this.path)}${this.query ? `?${encodeURIComponent(this.query)}` : ''}`;
  }
}

// What notifications were shown, and what the "user" clicks.
export const shown: { kind: string; text: string; items: string[] }[] = [];
export const notices: { title: string; cancel: () => void }[] = [];
export const answers: (string | undefined)[] = [];
const show =
  (kind: string) =>
  (text: string, ...items: string[]) => {
    shown.push({ kind, text, items });
    return Promise.resolve(answers.shift());
  };

export const window = {
  showErrorMessage: show('error'),
  showWarningMessage: show('warning'),
  showInformationMessage: show('info'),
  // Shown until its task ends; `cancel` is what the user clicks.
  withProgress: async (
    options: { title: string },
    task: (
      progress: { report(value: unknown): void },
      token: { onCancellationRequested(listener: () => void): void },
    ) => Promise<unknown>,
  ) => {
    const notice = { title: options.title, cancel: () => {} };
    notices.push(notice);
    await task({ report: () => {} }, { onCancellationRequested: listener => void (notice.cancel = listener) });
    notices.splice(notices.indexOf(notice), 1);
  },
  createInputBox,
  createQuickPick,
};

export const executed: string[] = [];
export const commands = {
  executeCommand: (id: string) => {
    executed.push(id);
    return Promise.resolve();
  },
};

export const settings = new Map<string, unknown>();
export const workspace = {
  getConfiguration: (section: string) => ({
    get: <T>(key: string, fallback: T): T =>
      settings.has(`${section}.${key}`) ? (settings.get(`${section}.${key}`) as T) : fallback,
    inspect: (key: string) => ({ globalValue: settings.get(`${section}.${key}`) }),
  }),
};

export class ThemeIcon {
  constructor(readonly id: string) {}
}

export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 };

export const QuickInputButtons = { Back: { iconPath: 'back' } };

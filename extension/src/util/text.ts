// Numbers, times and names in the user's language. Plurals are two messages each.

import { env, l10n } from 'vscode';
import type { Version } from '../engine/protocol';

export const files = (n: number): string => (n === 1 ? l10n.t('1 file') : l10n.t('{0} files', n));
export const folders = (n: number): string => (n === 1 ? l10n.t('1 folder') : l10n.t('{0} folders', n));
export const changes = (n: number): string => (n === 1 ? l10n.t('1 change') : l10n.t('{0} changes', n));
export const conflicts = (n: number): string => (n === 1 ? l10n.t('1 conflict') : l10n.t('{0} conflicts', n));
export const incoming = (n: number): string =>
  n === 1 ? l10n.t('1 incoming change') : l10n.t('{0} incoming changes', n);

export function dateTime(ms: number): string {
  return new Intl.DateTimeFormat(env.language, { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

// "12:03" today, "24 Nov, 12:03" before.
export function shortTime(ms: number, now = Date.now()): string {
  const sameDay = new Date(ms).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(
    env.language,
    sameDay
      ? { hour: '2-digit', minute: '2-digit' }
      : { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
  ).format(ms);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

export function ago(ms: number, now = Date.now()): string {
  const seconds = Math.round((ms - now) / 1000);
  const format = new Intl.RelativeTimeFormat(env.language, { numeric: 'auto' });
  for (const [unit, size] of STEPS)
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  return l10n.t('just now');
}

export function size(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let at = 0;
  let value = bytes;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return new Intl.NumberFormat(env.language, {
    style: 'unit',
    unit: units[at],
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 && at > 0 ? 1 : 0,
  }).format(value);
}

// An id as the command prints it: the last eight characters tell versions apart.
export const shortId = (version: string): string => version.slice(-8);

export function versionTitle(version: Version): string {
  const line = version.message.split('\n')[0]?.trim();
  if (line) return line;
  const n = version.added + version.modified + version.removed;
  return n === 0 ? l10n.t('No changes of content') : changes(n);
}

// "“Prices”, 12:03": what people know a version by.
export function versionLabel(version: Version): string {
  const time = shortTime(version.created_ms);
  return version.message ? l10n.t('“{0}”, {1}', versionTitle(version), time) : time;
}

// "laptop-B, 12:03": which side is which, in words that people know.
export const versionSide = (version: Pick<Version, 'device' | 'created_ms'>): string =>
  l10n.t('{0}, {1}', version.device, shortTime(version.created_ms));
export const thisComputer = (): string => l10n.t('This computer');

// For a message, in which VS Code would make links of what looks like one: a name may come from anybody.
export const plain = (text: string): string => text.replaceAll('](', '] (');

// Names for a list in a dialog: some, and how many more there are.
export function listed(names: readonly string[], limit = 10): string {
  const shown = names.slice(0, limit).join('\n');
  const more = names.length - limit;
  if (more <= 0) return shown;
  return `${shown}\n${more === 1 ? l10n.t('and 1 more') : l10n.t('and {0} more', more)}`;
}

// Conflict markers as git writes them, around two whole texts. Pure.

export function hasMarkers(text: string): boolean {
  return /^<{7}( |$)/m.test(text) && /^={7}$/m.test(text) && /^>{7}( |$)/m.test(text);
}

export function withMarkers(local: string, remote: string, names: { localName: string; remoteName: string }): string {
  const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
  return `<<<<<<< ${names.localName}\n${ended(local)}=======\n${ended(remote)}>>>>>>> ${names.remoteName}\n`;
}

// What this computer had, out of a text with such markers: a merge that was left and is taken up again.
export function ownSide(text: string): string {
  return text.replace(/^<{7}.*\n([\s\S]*?)^={7}\n[\s\S]*?^>{7}.*\n?/gm, '$1');
}

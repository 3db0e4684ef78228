// Between paths of the file system and index paths (relative, '/' between parts). Pure.

export function isBeneath(path: string, folder: string): boolean {
  const prefix = folder.endsWith('/') || folder.endsWith('\\') ? folder : folder + separatorOf(folder);
  return path.startsWith(prefix);
}

export function toIndexPath(path: string, root: string): string | undefined {
  if (!isBeneath(path, root)) return undefined;
  const relative = path.slice(root.endsWith(separatorOf(root)) ? root.length : root.length + 1);
  return separatorOf(root) === '\\' ? relative.replaceAll('\\', '/') : relative;
}

export function toFilePath(indexPath: string, root: string): string {
  const separator = separatorOf(root);
  const relative = separator === '\\' ? indexPath.replaceAll('/', '\\') : indexPath;
  return root.endsWith(separator) ? root + relative : root + separator + relative;
}

export function baseName(indexPath: string): string {
  return indexPath.slice(indexPath.lastIndexOf('/') + 1);
}

export function folderName(indexPath: string): string {
  const slash = indexPath.lastIndexOf('/');
  return slash < 0 ? '' : indexPath.slice(0, slash);
}

// All folders above the paths.
export function parentFolders(paths: Iterable<string>): Set<string> {
  const parents = new Set<string>();
  for (const path of paths) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash);
      if (parents.has(parent)) break;
      parents.add(parent);
    }
  }
  return parents;
}

// "docs/a.txt" as a pattern of .mikuraignore that means just this path.
export function ignorePattern(indexPath: string, isFolder: boolean): string {
  const escaped = indexPath
    .replace(/[\\*?[\]]/g, character => `\\${character}`)
    .replace(/ +$/, spaces => '\\ '.repeat(spaces.length));
  return `/${escaped}${isFolder ? '/' : ''}`;
}

function separatorOf(folder: string): string {
  return /^[A-Za-z]:\\|^\\\\/.test(folder) ? '\\' : '/';
}

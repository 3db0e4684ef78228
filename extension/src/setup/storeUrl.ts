// The address of a store, from what the user answered, and back into words. Pure.

export interface S3Answers {
  bucket: string;
  prefix: string;
  region: string;
  endpoint: string;
  profile: string;
}

export function s3Url(answers: S3Answers): string {
  const path = answers.prefix
    .split('/')
    .filter(part => part !== '')
    .map(encodeURIComponent)
    .join('/');
  const parameters = (
    [
      ['endpoint', answers.endpoint],
      ['region', answers.region],
      ['profile', answers.profile],
    ] as const
  )
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `s3://${answers.bucket}${path ? `/${path}` : ''}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}

export function folderUrl(path: string): string {
  const slashes = path.replaceAll('\\', '/').replace(/\/+$/, '');
  return `file://${slashes.startsWith('/') ? '' : '/'}${slashes
    .split('/')
    .map(part => encodeURIComponent(part).replaceAll('%3A', ':'))
    .join('/')}`;
}

// The rules of S3, as far as people get them wrong.
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
}

export function isEndpoint(text: string): boolean {
  try {
    const url = new URL(text);
    return (
      (url.protocol === 'https:' || url.protocol === 'http:') &&
      url.username === '' &&
      url.password === '' &&
      url.search === ''
    );
  } catch {
    return false;
  }
}

// "My notes (2026)" as a prefix that needs no escaping anywhere.
export function prefixFor(folderName: string): string {
  return (
    folderName
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[.-]+|[.-]+$/g, '') || 'mikura'
  );
}

// Stand-ins on loopback for STS, which gives a session only for the right code of an MFA device, and for an empty bucket.

import { createServer } from 'node:http';

const SESSION = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>session</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const REFUSAL = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>
<Message>MultiFactorAuthentication failed with invalid MFA one time pass code. </Message></Error></ErrorResponse>`;
const EMPTY = '<ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>';

/** @param {string} code the right one */
export async function startRoleServices(code) {
  /** @type {string[]} */
  const codes = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const [status, answer] = request.method === 'POST' ? assume(new URLSearchParams(body)) : read(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/xml' }).end(answer);
  });
  /** @param {URLSearchParams} form @returns {[number, string]} */
  const assume = form => {
    const given = form.get('TokenCode') ?? '';
    codes.push(given);
    return given === code ? [200, SESSION] : [403, REFUSAL];
  };
  /** @param {string} url @returns {[number, string]} */
  const read = url => (url.includes('list-type') ? [200, EMPTY] : [404, '<Error><Code>NoSuchKey</Code></Error>']);
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { endpoint: `http://127.0.0.1:${port}`, codes, stop: () => new Promise(resolve => server.close(resolve)) };
}

/** What ~/.aws/config says of it. @param {string} endpoint */
export const roleProfile = endpoint => `[profile work]
role_arn = arn:aws:iam::123456789012:role/sync
mfa_serial = arn:aws:iam::123456789012:mfa/ada
source_profile = base
region = eu-west-1
services = here

[profile base]
aws_access_key_id = base
aws_secret_access_key = of-no-use

[services here]
sts =
  endpoint_url = ${endpoint}
`;

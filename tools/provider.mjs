// A provider of single sign-on to test against: oidc-provider, a certified one, with people from a file.
//
// Run as `node provider.mjs CONFIGURATION`, a JSON file: keys (a private JWK set), client (as registered), and people
// (name to claims and `amr`). People are read anew at each question; all the rest when it starts, and when a line comes
// on its input. Says its port once it listens, and "turned" once it has read anew. It ends with its input.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider, { interactionPolicy } from 'oidc-provider';

const configuration = () => JSON.parse(readFileSync(process.argv[2], 'utf8'));
const people = () => configuration().people;

// Whoever signs in here has agreed already: what is asked about is who they are, not what they let us know.
const prompts = interactionPolicy.base();
prompts.remove('consent');

const made = (issuer, { client, keys, claimsOnlyByUserinfo = false }) => new Provider(issuer, {
  clients: [client],
  jwks: keys,
  cookies: { keys: ['of-a-test'] },
  claims: { openid: ['sub', 'amr', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: claimsOnlyByUserinfo,
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  // It would refuse to speak to a portal on this machine.
  fetch: (url, { dispatcher, ...options }) => fetch(url, { ...options, signal: AbortSignal.timeout(20_000) }),
  interactions: { policy: prompts, url: (_context, asked) => `/interaction/${asked.uid}` },
  findAccount: (_context, id) => {
    const { amr, ...claims } = people()[id] ?? {};
    return { accountId: id, claims: () => ({ sub: id, ...claims }) };
  },
  loadExistingGrant: async (context) => {
    const { client, session, provider: own } = context.oidc;
    const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
  renderError: (context, out) => {
    context.type = 'text/plain';
    context.body = `${out.error}: ${out.error_description}`;
  },
});

const page = `<!doctype html><html lang="en"><title>Sign in at the provider</title><h1>Sign in at the provider</h1>
<form method="post"><label>Name <input name="login"></label> <button>Go on</button>
<button name="cancel" value="yes">Cancel</button></form></html>`;

const asksWho = (provider) => async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next();
  if (context.method === 'GET') {
    context.type = 'html';
    context.body = page;
    return undefined;
  }
  let body = '';
  for await (const part of context.req) body += part;
  const form = new URLSearchParams(body);
  const name = form.get('login');
  const result = form.has('cancel') || !people()[name]
    ? { error: 'access_denied', error_description: 'not signed in' }
    : { login: { accountId: name, amr: people()[name].amr } };
  context.respond = false;
  await provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: false });
  return undefined;
};

const server = createServer();
let answer;
server.on('request', (question, reply) => answer(question, reply));
const turn = () => {
  const provider = made(`http://127.0.0.1:${server.address().port}`, configuration());
  provider.use(asksWho(provider));
  answer = provider.callback();
};
server.listen(0, '127.0.0.1', () => {
  turn();
  console.log(server.address().port);
});
process.stdin.on('data', () => {
  turn();
  console.log('turned');
});
process.stdin.on('end', () => process.exit());

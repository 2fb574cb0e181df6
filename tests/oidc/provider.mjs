// An OpenID provider for the tests: `node provider.mjs <folder with node_modules> <port> <redirect address>`.
// Whoever signs in is who they say; their groups stand in GROUPS. It prints a line when it listens.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, port, redirect] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/`));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);

const GROUPS = {
  administrator: ["Lotsi-staff", "Everybody"],
  berg: ["Lotsi-staff", "Lotsi-admins"],
  guest: ["Everybody"],
};

const issuer = `http://localhost:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "lotsi",
      client_secret: "a secret of the tests",
      redirect_uris: [redirect],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
    {
      client_id: "lotsi-public",
      token_endpoint_auth_method: "none",
      redirect_uris: [redirect],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"] },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["a key of the tests"] },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: id === "administrator" ? "Administratör Ett" : id,
      preferred_username: id,
      groups: GROUPS[id] ?? [],
    }),
  }),
});

provider.listen(Number(port), "localhost", () => console.log(`listening ${issuer}`));

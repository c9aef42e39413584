// Shows the contract of the mock that serves this page, and lets its operations be tried.

"use strict";

// Where the mock is, also behind a proxy that puts a prefix before it.
const mock = new URL("../../", document.baseURI).href.replace(/\/$/, "");

// How the contract of the mock's own API is asked for.
const CONTROL = "control";

// The document's servers are where the real API runs. The mock answers under the path of the first one,
// as contract/operation.py reads it, unless that is the prefix that it keeps for itself.
function basePath({ servers }) {
  const { url = "/", variables = {} } = servers?.[0] ?? {};
  const path = url
    .replace(/\{([^}]*)\}/g, (whole, name) => variables[name]?.default ?? whole)
    .replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*/i, "")
    .replace(/[?#].*$/, "")
    .replace(/^(?!\/)/, "/")
    .replace(/\/+$/, "");
  return /^\/_mock(\/|$)/.test(path) && shownDocument() !== CONTROL ? "" : path;
}

// The mock takes its own tokens for OAuth 2 and OpenID Connect too, and there is no page to log in at.
function bearerScheme(scheme) {
  if (!["oauth2", "openIdConnect"].includes(scheme.type)) return scheme;
  return { type: "http", scheme: "bearer", description: scheme.description };
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object ?? {}).map(([key, value]) => [key, change(value)]));
}

// Swagger UI sends the first example of every parameter, and filters that all apply find nothing.
function sentOnlyIfChosen(parameter) {
  const { example, examples = { example: { value: example } }, ...rest } = parameter;
  if (parameter.required || (example === undefined && parameter.examples === undefined)) return parameter;
  return { ...rest, examples: { "not sent": { value: "" }, ...examples } };
}

function steeredPart(part) {
  if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
  const { servers, ...rest } = part;
  return rest.parameters ? { ...rest, parameters: rest.parameters.map(sentOnlyIfChosen) } : rest;
}

function steeredToTheMock(contract) {
  if (typeof contract?.paths !== "object") return contract;
  const { components = {} } = contract;
  return {
    ...contract,
    servers: [{ url: mock + basePath(contract), description: "this mock" }],
    paths: mapValues(contract.paths, (path) => mapValues(steeredPart(path), steeredPart)),
    components: {
      ...components,
      parameters: mapValues(components.parameters, sentOnlyIfChosen),
      securitySchemes: mapValues(components.securitySchemes, bearerScheme),
    },
  };
}

const steering = {
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (update) => (contract) => {
          document.title = `${contract?.info?.title ?? "A contract"} (mock)`;
          return update(steeredToTheMock(contract));
        },
      },
    },
  },
};

// Where several contracts are served, each has a number, and the first is shown unless another is asked for,
// or the contract of the mock's own API.
function shownDocument() {
  const asked = new URLSearchParams(location.search).get("document") ?? "";
  if (asked === CONTROL) return CONTROL;
  return /^[1-9][0-9]*$/.test(asked) && asked !== "1" ? asked : "";
}

function contractOf(shown, suffix) {
  if (shown === CONTROL) return `../control.${suffix}`;
  return shown ? `../documents/${shown}/openapi.${suffix}` : `../openapi.${suffix}`;
}

async function offerTheOthers() {
  const { contract, documents = [{ contract }] } = await (await fetch("../health")).json();
  const shown = shownDocument() || "1";
  const line = document.createElement("nav");
  if (shown !== CONTROL && Number(shown) > documents.length) {
    line.append(`There is no contract ${shown}; there ${documents.length > 1 ? `are ${documents.length}` : "is one"}. `);
  }
  line.append("Served here:");
  const names = documents.map(({ contract, base_path: path }, index) => [
    String(index + 1),
    path === undefined ? contract : `${contract} (${path || "/"})`,
  ]);
  [...names, [CONTROL, "the control API of the mock"]].forEach(([key, name], index) => {
    const link = document.createElement("a");
    link.href = `?document=${key}`;
    link.textContent = name;
    if (key === shown) link.setAttribute("aria-current", "page");
    line.append(index ? ", " : " ", link);
  });
  document.querySelector("header").append(line);
}

// The links at the top lead to the contract that is shown.
function linkToTheShown() {
  for (const link of document.querySelectorAll('header a[href^="../openapi."]'))
    link.href = contractOf(shownDocument(), link.getAttribute("href").split(".").pop());
}

linkToTheShown();

offerTheOthers();

SwaggerUIBundle({
  url: new URL(contractOf(shownDocument(), "json"), document.baseURI).pathname, // shown under the title
  dom_id: "#page",
  plugins: [steering],
  validatorUrl: null, // asks validator.swagger.io otherwise
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: true,
  showExtensions: true,
  tryItOutEnabled: true,
});

// gateway/contract/page/start.js: shows /openapi.json in Swagger UI, which asks nobody else for anything.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
});

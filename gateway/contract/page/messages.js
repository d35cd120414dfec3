// gateway/contract/page/messages.js: shows /asyncapi.json: each channel, its messages, their schemas and examples.
const element = (name, text, ...children) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
};

const pretty = (value) => element("pre", JSON.stringify(value, null, 2));

const last = (ref) => ref.split("/").pop();

const direction = (document_, channel, name) =>
  Object.values(document_.operations)
    .filter((operation) => last(operation.channel.$ref) === channel && operation.messages.some((one) => last(one.$ref) === name))
    .map((operation) => (operation.action === "send" ? "Kiroku writes it" : "Kiroku reads it"))
    .join(", ");

const shownMessage = (document_, channel, name) => {
  const message = document_.components.messages[name];
  const details = element("details", "", element("summary", name + ": " + message.summary));
  details.append(element("p", direction(document_, channel, name)));
  for (const example of message.examples ?? []) details.append(pretty(example.payload));
  details.append(element("details", "", element("summary", "schema"), pretty(message.payload)));
  return details;
};

const shownChannel = (document_, [name, channel]) => {
  const article = element("article", "", element("h2", channel.address), element("p", channel.description));
  for (const message of Object.keys(channel.messages)) article.append(shownMessage(document_, name, message));
  return article;
};

const show = async () => {
  const document_ = await (await fetch("/asyncapi.json")).json();
  const main = document.querySelector("main");
  main.append(element("h1", "WebSocket and Kafka"), element("p", document_.info.description));
  for (const channel of Object.entries(document_.channels)) main.append(shownChannel(document_, channel));
  const schemas = element("article", "", element("h2", "Schemas"));
  for (const [name, schema] of Object.entries(document_.components.schemas)) {
    schemas.append(element("details", "", element("summary", name), pretty(schema)));
  }
  main.append(schemas);
};

show();

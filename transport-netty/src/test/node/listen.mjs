// Listens as a page would: node listen.mjs URL TYPE... prints a line of JSON for each event.
import { EventSource } from "eventsource";

const [url, ...types] = process.argv.slice(2);
const source = new EventSource(url);
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

source.onopen = () => say({ type: "open" });
for (const type of types) {
  source.addEventListener(type, (event) =>
    say({ type: event.type, data: event.data, id: event.lastEventId }));
}

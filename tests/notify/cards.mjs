// What Microsoft's own parser of Adaptive Cards says about the cards on standard input, one JSON document a line.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const cards = createRequire(import.meta.url)(process.argv[2]);
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const context = new cards.SerializationContext(cards.Versions.v1_4);
  const card = new cards.AdaptiveCard();
  card.parse(JSON.parse(line), context);
  const said = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message);
  said.push(...card.validateProperties().validationEvents.map((event) => event.message));
  console.log(JSON.stringify(said));
}

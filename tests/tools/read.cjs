// Reads a JSON list of iCalendar texts from stdin with ical.js in its strict mode; prints a JSON list of what it read.
// Not here: any claim about them (tests/contract). A text that it cannot read becomes {"error": "…"}.
"use strict";

const ICAL = require("ical.js");

function component(found) {
  return {
    name: found.name,
    properties: found.getAllProperties().map((one) => [one.name, one.getValues().map(String), one.jCal[1]]),
    inside: found.getAllSubcomponents().map(component),
  };
}

function read(text) {
  try {
    return component(new ICAL.Component(ICAL.parse(text)));
  } catch (error) {
    return { error: String(error) };
  }
}

ICAL.design.strict = true;
const texts = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(texts.map(read)));

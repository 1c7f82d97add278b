// Evaluates GitHub's expressions as GitHub's own engine does; knows nothing of any workflow.
//
// One JSON object a line in, {contexts, expressions, status}; one a line out, {results}. A result
// is {value, truthy} or {error}. `status` is what success(), failure() and cancelled() tell.
import { createInterface } from "node:readline";
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import { truthy } from "@actions/expressions/result";

const STATUS_FUNCTIONS = {
  always: () => true,
  success: (status) => status === "success",
  failure: (status) => status === "failure",
  cancelled: (status) => status === "cancelled",
};

function extensions(status) {
  return Object.entries(STATUS_FUNCTIONS).map(([name, tell]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(tell(status)),
  }));
}

function evaluate(text, known, given, functions) {
  const bare = text.trim().replace(/^\$\{\{([^]*)\}\}$/, "$1");
  try {
    const parsed = new Parser(new Lexer(bare).lex().tokens, known, functions).parse();
    const byName = new Map(functions.map((definition) => [definition.name, definition]));
    const result = new Evaluator(parsed, given, byName).evaluate();
    return { value: JSON.parse(JSON.stringify(result, data.replacer)), truthy: truthy(result) };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { contexts, expressions, status } = JSON.parse(line);
  const functions = extensions(status);
  const known = Object.keys(contexts);
  const given = JSON.parse(JSON.stringify(contexts), data.reviver);
  const results = expressions.map((text) => evaluate(text, known, given, functions));
  process.stdout.write(`${JSON.stringify({ results })}\n`);
}

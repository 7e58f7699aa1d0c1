// Turns TeX into MathML: one JSON object a line on standard input, one a line on standard output.
// Started by bookbuild.markdown.mathml with the path of Temml as its argument.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { default: temml } = await import(pathToFileURL(process.argv[2]).href);

for await (const line of createInterface({ input: process.stdin })) {
  const { tex, display } = JSON.parse(line);
  let answer;
  try {
    const options = { displayMode: display, throwOnError: true, strict: false, trust: false };
    answer = { mathml: temml.renderToString(tex, options) };
  } catch (error) {
    answer = { error: String(error.message).replace(/^ParseError:?\s*/i, "") };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}

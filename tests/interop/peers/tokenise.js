// `node tokenise.js GRAMMAR FILE…`: each token of the files as VS Code sees it, a line of JSON each.
const fs = require("fs");
const path = require("path");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const [grammarFile, ...files] = process.argv.slice(2);
const wasm = path.join(path.dirname(require.resolve("vscode-oniguruma")), "onig.wasm");
const onigLib = oniguruma.loadWASM(fs.readFileSync(wasm)).then(() => ({
  createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
  createOnigString: (text) => new oniguruma.OnigString(text),
}));
const raw = parseRawGrammar(fs.readFileSync(grammarFile, "utf8"), grammarFile);
const registry = new Registry({ onigLib, loadGrammar: async () => raw });

registry.loadGrammar(raw.scopeName).then((grammar) => {
  for (const file of files) {
    let stack = INITIAL;
    for (const line of fs.readFileSync(file, "utf8").split("\n")) {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
      stack = ruleStack;
      for (const { startIndex, endIndex, scopes } of tokens) {
        const text = line.slice(startIndex, endIndex).trim();
        if (text) console.log(JSON.stringify({ file: path.basename(file), line, text, scope: scopes.at(-1) }));
      }
    }
  }
});

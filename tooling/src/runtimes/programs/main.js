// Runs one program: `main.js NAME COMMAND ARGUMENT…`, where the rest is how this runtime starts a file.
import process from "node:process";

const [name, command, ...args] = process.argv.slice(2);
const { run } = await import(`./${name}.js`);
await run(command, args);
console.log(`${name}: ok`);

// What the module draws is, byte for byte, what the same code draws as a program.
//
// usage: node draw.mjs MODULE.wasm PROGRAM

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { extname } from "node:path";

const WAYS = 4;
const PAGE = 65_536;
const [wasm, program] = process.argv.slice(2);
const compiled = new WebAssembly.Module(readFileSync(wasm));

nothingIsImported();
const engine = start();
everyFileIsDrawnAsByTheProgram();
aBrokenModelGivesAMessage();
anInstanceNeedsNoMoreMemoryTheMoreItDraws();

function nothingIsImported() {
  assert.deepEqual(WebAssembly.Module.imports(compiled), []);
}

function everyFileIsDrawnAsByTheProgram() {
  const files = [...filesIn("models"), ...filesIn("fixtures")];
  const names = ["models/digits.onnx", "models/digits.keras", "models/bert.onnx", "fixtures/keras/nested.h5"];
  for (const name of names) assert(files.includes(name), `${name} is there`);
  let [pictures, messages] = [0, 0];
  for (const file of files) {
    for (let way = 0; way < WAYS; way++) {
      const own = draw(engine, file, way);
      assertEqual(own, drawnByTheProgram(file, way), `${file}, way ${way}`);
      if (own.failed) {
        messages++;
        break; // A file that cannot be read cannot in any way.
      }
      pictures++;
    }
  }
  assert(names.every((name) => !draw(engine, name, 0).failed), "the models are drawn");
  console.log(`${pictures} pictures and ${messages} messages are those of the program`);
}

function aBrokenModelGivesAMessage() {
  const broken = draw(engine, "fixtures/broken/truncated.bin", 0);
  assert(broken.failed);
  assert.match(broken.bytes.toString(), /truncated\.bin: byte \d+: field \d+ claims \d+ bytes where \d+ are left/);
  assert(!draw(engine, "models/digits.onnx", 0).failed, "and the instance goes on");
}

function anInstanceNeedsNoMoreMemoryTheMoreItDraws() {
  const fresh = start();
  const models = ["models/bert.onnx", "models/digits.keras", "fixtures/broken/truncated.bin"];
  const round = () => models.forEach((model) => draw(fresh, model, 0));
  const pages = () => fresh.memory.buffer.byteLength / PAGE;
  for (let i = 0; i < 3; i++) round();
  const before = pages();
  for (let i = 0; i < 20; i++) round();
  assert.equal(pages(), before, "pages of memory after 20 more rounds");
  assert(before * PAGE < 64 << 20, `${before} pages for a model of 1 MB`);
  console.log(`an instance stays at ${((before * PAGE) / 1e6).toFixed(1)} MB`);
}

function start() {
  return new WebAssembly.Instance(compiled, {}).exports;
}

/** What the module makes of a file. */
function draw(engine, file, way) {
  const [name, content] = [Buffer.from(file), readFileSync(file)];
  const room = engine.allocate(name.length + content.length);
  // Memory may have grown: the view is made anew each time.
  const memory = new Uint8Array(engine.memory.buffer);
  memory.set(name, room);
  memory.set(content, room + name.length);
  let status;
  try {
    status = engine.draw(name.length, way);
  } catch (trap) {
    throw new Error(`${file}, way ${way}: the module trapped`, { cause: trap });
  }
  const result = new Uint8Array(engine.memory.buffer, engine.result(), engine.result_len());
  return { failed: status !== 0, bytes: Buffer.from(result) };
}

function drawnByTheProgram(file, way) {
  const { status, stdout, stderr, error } = spawnSync(program, [file, String(way)], { maxBuffer: 1 << 30 });
  if (error) throw error;
  assert([0, 1].includes(status), `${file}: the program ended with ${status}: ${stderr}`);
  return { failed: status === 1, bytes: stdout };
}

function assertEqual(own, program, what) {
  if (own.failed === program.failed && own.bytes.equals(program.bytes)) return;
  const at = own.bytes.findIndex((byte, i) => byte !== program.bytes[i]);
  const near = ({ bytes }) => bytes.subarray(Math.max(0, at - 60), at + 60).toString();
  assert.fail(`${what} differs from byte ${at} on:\nmodule:  ${near(own)}\nprogram: ${near(program)}`);
}

/** All model files below a folder, and what only looks like one. */
function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((e) => e.isFile()).map((e) => `${e.parentPath ?? e.path}/${e.name}`);
  return paths.filter((path) => ![".py", ".md"].includes(extname(path))).sort();
}

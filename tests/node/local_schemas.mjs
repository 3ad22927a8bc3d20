// Serves Microsoft's JSON schemas from a folder, so that the PBIR validator checks fully without a
// network. Loaded by `node --import`; RAADERUM_PBIR_SCHEMAS names the folder that holds `fabric/`.
import { EventEmitter } from "node:events";
import { createReadStream, existsSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { Readable } from "node:stream";

const SCHEMAS = "https://developer.microsoft.com/json-schemas/";
const beyond = https.get;

https.get = (address, options, answered) => {
  const url = String(address);
  if (!url.startsWith(SCHEMAS)) return beyond(address, options, answered);
  const path = join(process.env.RAADERUM_PBIR_SCHEMAS, url.slice(SCHEMAS.length));
  const found = existsSync(path);
  const answer = found ? createReadStream(path) : Readable.from([]);
  Object.assign(answer, { statusCode: found ? 200 : 404, headers: {} });
  queueMicrotask(() => answered(answer));
  const request = new EventEmitter();
  request.destroy = () => answer.destroy();
  return request;
};

// Calls a SOAP service with the npm package "soap", as told on standard input.
//
//   node driver.mjs WSDL-ADDRESS
//
// In:  one line of JSON per call: {operation, payload, user, password, isBasic}; no payload, no argument.
// Out: first {operations: [...]}, the operations of the generated client; then one line per call,
//      {answer, request, response} or {status, fault, response}. What goes wrong beside that ends the program.

import { createInterface } from 'node:readline';
import soap from 'soap';

// JavaScript's numbers and dates would lose digits, so decimals and times stay as they are on the wire.
const asText = (text) => text;
const OPTIONS = { customDeserializer: { decimal: asText, dateTime: asText } };
const TIMEOUT = { timeout: 60_000 };

const say = (message) => process.stdout.write(JSON.stringify(message) + '\n');

function security({ user, password, isBasic }) {
  return isBasic
    ? new soap.BasicAuthSecurity(user, password)
    : new soap.WSSecurity(user, password, { mustUnderstand: true });
}

async function call(client, order) {
  client.setSecurity(security(order));
  try {
    const [answer, response, , request] = await client[`${order.operation}Async`](order.payload ?? {}, TIMEOUT);
    return { answer, request, response };
  } catch (error) {
    const fault = error.root?.Envelope?.Body?.Fault;
    if (fault === undefined) throw error;
    return { status: error.response.status, fault, response: error.body };
  }
}

const client = await soap.createClientAsync(process.argv[2], OPTIONS);
const [port] = Object.values(client.describe().InventoryAdjustmentService);
say({ operations: Object.keys(port) });
for await (const line of createInterface({ input: process.stdin })) {
  say(await call(client, JSON.parse(line)));
}

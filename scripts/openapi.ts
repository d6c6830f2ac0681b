import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { openApiText } from './openapi-text';

/** Writes the description of the API that is committed with the code. Needs no database. */
async function main(): Promise<void> {
  writeFileSync('openapi.json', await openApiText());
}

void main();

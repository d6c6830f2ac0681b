'use strict';

/**
 * Loaded into a service's process ahead of it (`node --require`), by tests alone: the product carries no switch.
 * It finds the points at which a process may die by itself: both ends of every use case and, in each of them, both
 * sides of every commit, of every change outside of a transaction, and of every request that leaves. A new use case or
 * statement is a new point without anybody remembering it.
 *
 * Messages from the parent: `{record: file}` writes every point there that is reached from now on, once.
 * `{stopAt: point}` makes the process kill itself at the point. `{loseCommitOf: words}` has the answer to one commit
 * lost together with its connection: that of the next transaction with a statement that has these words.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const { appendFileSync, existsSync, readdirSync } = require('node:fs');
const http = require('node:http');
const { join, resolve } = require('node:path');
require('reflect-metadata');
const { Client } = require('pg');

const MODULES = resolve(process.cwd(), 'dist/src/modules');

const useCase = new AsyncLocalStorage();
const recorded = new Set();
let journal;
let fatalPoint;
let lostWords;

/** @param step what happens in the use case that runs, or in `owner` */
function reach(step, owner = useCase.getStore()) {
  const point = `${owner ?? 'outside'}: ${step}`;
  if (point === fatalPoint) process.kill(process.pid, 'SIGKILL');
  if (journal === undefined || recorded.has(point)) return;
  recorded.add(point);
  appendFileSync(journal, `${point}\n`);
}

function listenToParent() {
  process.on('message', ({ record, stopAt, loseCommitOf }) => {
    journal = record ?? journal;
    fatalPoint = stopAt ?? fatalPoint;
    lostWords = loseCommitOf ?? lostWords;
  });
  process.channel.unref();
}

function wrapUseCases() {
  for (const name of readdirSync(MODULES)) {
    const folder = join(MODULES, name, 'application');
    const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.js')) : [];
    for (const file of files) Object.values(require(join(folder, file))).forEach(wrapUseCase);
  }
}

function wrapUseCase(candidate) {
  const execute = typeof candidate === 'function' ? candidate.prototype?.execute : undefined;
  if (typeof execute !== 'function') return;
  const { name } = candidate;
  candidate.prototype.execute = function (...values) {
    return useCase.run(name, () => {
      reach('begins');
      const result = execute.apply(this, values);
      if (typeof result?.then !== 'function') return result;
      return result.then((answer) => {
        reach('ends', name);
        return answer;
      });
    });
  };
}

/** COMMIT, with the changes that were left for it. */
function isCommit(statement) {
  return /(^|; )commit$/.test(statement);
}

/** What a statement does for good: a commit, or a change outside of any transaction. Undefined for the rest. */
function lastingEffect(statement, isInTransaction) {
  if (isCommit(statement)) return 'the commit';
  if (isInTransaction || statement.startsWith('begin')) return undefined;
  return /\b(insert into|update|delete from) [a-z_.]+/.exec(statement)?.[0];
}

function wrapStatements() {
  const { query } = Client.prototype;
  Client.prototype.query = function (...values) {
    const text = typeof values[0] === 'string' ? values[0] : (values[0]?.text ?? '');
    const statement = text.replaceAll('"', '').replaceAll(/\s+/g, ' ').trim().toLowerCase();
    const effect = lastingEffect(statement, this.isInTransaction);
    const owner = useCase.getStore() ?? this.transactionOwner;
    follow(this, statement);
    return effect === undefined ? query.apply(this, values) : between(effect, values, query.bind(this), owner);
  };
}

/**
 * Notes at the connection what goes on there. A transaction that was opened around a use case, as that of a request with
 * a key is, counts as the use case's own.
 */
function follow(client, statement) {
  if (statement.startsWith('begin')) client.isInTransaction = true;
  if (client.isInTransaction) client.transactionOwner ??= useCase.getStore();
  if (lostWords !== undefined && statement.includes(lostWords)) client.losesCommit = true;
  if (!isCommit(statement) && statement !== 'rollback') return;
  if (client.losesCommit && isCommit(statement)) loseAnswer(client);
  Object.assign(client, { isInTransaction: false, transactionOwner: undefined, losesCommit: false });
}

/** The first byte of the answer shows that the commit is done. Whoever waits for it learns that nobody is there. */
function loseAnswer({ connection: { stream } }) {
  lostWords = undefined;
  stream.removeAllListeners('data');
  stream.once('data', () => stream.destroy());
}

/** Sends a statement, with a callback or without one, and marks both sides of its effect. */
function between(effect, values, query, owner) {
  const after = () => reach(`after ${effect}`, owner);
  reach(`before ${effect}`, owner);
  const callback = values.at(-1);
  if (typeof callback === 'function') {
    return query(...values.slice(0, -1), (...answer) => {
      after();
      callback(...answer);
    });
  }
  const result = query(...values);
  if (typeof result?.then !== 'function') return result;
  return result.then((answer) => {
    after();
    return answer;
  });
}

function wrapRequests() {
  const { request } = http;
  http.request = function (...values) {
    const owner = useCase.getStore();
    const outgoing = request.apply(this, values);
    const { end, method } = outgoing;
    outgoing.end = function (...rest) {
      reach(`before the first byte of a ${method}`, owner);
      const result = end.apply(this, rest);
      reach(`with a ${method} on its way`, owner);
      return result;
    };
    outgoing.once('finish', () => reach(`after the last byte of a ${method}`, owner));
    outgoing.once('response', (response) => {
      reach(`at the first byte of the answer to a ${method}`, owner);
      response.once('end', () => reach(`after the answer to a ${method}`, owner));
    });
    return outgoing;
  };
}

listenToParent();
wrapStatements();
wrapRequests();
wrapUseCases();

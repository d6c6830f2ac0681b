// Preloaded into a service: on SIGUSR2 it warns of something, and a statement fails without anybody noticing.
const process = require('node:process');

process.on('SIGUSR2', () => {
  process.emitWarning('this way of asking is deprecated', 'DeprecationWarning');
  const query = "insert into call_queue values ($1, 'Ottoline')";
  const params = ['+12025550123'];
  const cause = Object.assign(new Error('new row violates check constraint "broken"'), {
    detail: 'Failing row contains (+12025550123, Ottoline).',
  });
  void Promise.reject(
    Object.assign(new Error(`Failed query: ${query}\nparams: ${params}`, { cause }), { query, params }),
  );
});

import { availableParallelism, cpus, release } from 'node:os';

/** Prints the results with a description of the machine. */
export function printTable(rounds, rows) {
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores (${cpus()[0].model.trim()}), ` +
      `Linux ${release()}, Node ${process.version}, ${rounds} rounds`,
  );
  for (const [language, figure, value, goal] of rows) {
    console.log(
      `${language.padEnd(11)} ${figure.padEnd(66)} ${value.padStart(18)}  ${goal && `goal ${goal}`}`.trimEnd(),
    );
  }
}

/** Java. */
import type { Runtime } from './runtime';
import { mainClassOf, publicTypeOf } from './java-source';

/** The heap that the JVM may use of the memory limit; the rest is for classes, code and stacks. */
const HEAP_SHARE = 0.6;
const heap = (memoryMb: number): string => `-Xmx${Math.floor(memoryMb * HEAP_SHARE).toString()}m`;
/** Small programs: start fast, and keep no statistics in /tmp. */
const OPTIONS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Xshare:auto'];
/** Bytes of a name that a file can have (NAME_MAX of limits.h). */
const NAME_BYTES_MAX = 255;
const fileNameOf = (type: string): string =>
  // What no file can be called, javac refuses in words of its own.
  Buffer.byteLength(`${type}.java`) <= NAME_BYTES_MAX ? `${type}.java` : 'Main.java';

const CLASSES = 'classes';
/** Of the last version in which a main method is always static and takes its arguments: JEP 512 came with 25. */
const SUPPORTED_VERSION_MAX = 24;
/** What the hook uses of the JVM: its launcher, for the very messages of that, and its way to close a descriptor. */
const INTERNALS = ['sun.launcher', 'jdk.internal.access'].flatMap((name) => [
  '--add-exports',
  `java.base/${name}=ALL-UNNAMED`,
]);
const runOptions = (memoryMb: number): string[] => [
  ...[heap(memoryMb), ...OPTIONS, '-XX:+ExitOnOutOfMemoryError'],
  ...['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', '-Dstderr.encoding=UTF-8'],
];
const mainClassName = (code: string): string => mainClassOf(code) ?? publicTypeOf(code) ?? 'Main';

export const java: Runtime = {
  id: 'java',
  name: 'Java',
  aliases: ['jdk', 'openjdk'],
  extension: 'java',
  tools: { javac: ['javac'], java: ['java'] },
  version: { command: ({ javac = '' }) => [javac, '-version'], pattern: /^javac (\S+)/m },
  fileName: (code) => fileNameOf(publicTypeOf(code) ?? 'Main'),
  compile: ({ tools: { javac = '' }, source, app, memoryMb }) => [
    ...[javac, `-J${heap(memoryMb)}`, ...OPTIONS.map((option) => `-J${option}`)],
    // No annotation processors: compiling must not run the code.
    ...['-proc:none', '-encoding', 'UTF-8', '-d', `${app}/${CLASSES}`, source],
  ],
  run: ({ tools: { java: runtime = '' }, app, memoryMb, code }) => [
    ...[runtime, ...runOptions(memoryMb), '-cp', `${app}/${CLASSES}`, mainClassName(code)],
  ],
  preload: {
    requiredDirectory: CLASSES,
    supports: (version) => Number.parseInt(version) <= SUPPORTED_VERSION_MAX,
    build: ({ tools: { javac = '' }, hooksDirectory, buildDirectory }) => [
      javac,
      ...INTERNALS,
      '-d',
      buildDirectory,
      `${hooksDirectory}/Preload.java`,
    ],
    command: ({ tools: { java: runtime = '' }, app, buildDirectory, memoryMb }) => [
      ...[runtime, ...runOptions(memoryMb), ...INTERNALS, `-Xbootclasspath/a:${buildDirectory}`],
      ...['-cp', `${app}/${CLASSES}`, 'service_server.preload.Preload'],
    ],
    message: ({ code }) => mainClassName(code),
  },
  // The limit of processes raises the same error.
  outOfMemory: /java\.lang\.OutOfMemoryError(?!: unable to create native thread)/,
};

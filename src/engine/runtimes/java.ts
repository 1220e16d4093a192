import type { Runtime } from './runtime';
import { findMainClass, findPublicType } from './java-source';

/** The share of the memory limit that the JVM may use for its heap. The rest is for classes, code and stacks. */
const HEAP_SHARE = 0.6;
const heap = (memoryMb: number): string => `-Xmx${Math.floor(memoryMb * HEAP_SHARE).toString()}m`;
/** Fast start of small programs, and no statistics in /tmp. */
const OPTIONS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Xshare:auto'];
/** Longest file name in bytes (NAME_MAX of limits.h). */
const NAME_BYTES_MAX = 255;
const fileNameOf = (type: string): string =>
  // If the name is too long for a file, javac reports that the public class needs another file name.
  Buffer.byteLength(`${type}.java`) <= NAME_BYTES_MAX ? `${type}.java` : 'Main.java';

const CLASSES = 'classes';
/** The last version in which `main` is always static and has a parameter. JEP 512 changed that in version 25. */
const SUPPORTED_VERSION_MAX = 24;
/** JVM internals that the hook uses: the launcher, for the same error messages, and access to file descriptors. */
const INTERNALS = ['sun.launcher', 'jdk.internal.access'].flatMap((name) => [
  '--add-exports',
  `java.base/${name}=ALL-UNNAMED`,
]);
const runOptions = (memoryMb: number): string[] => [
  heap(memoryMb),
  ...OPTIONS,
  '-XX:+ExitOnOutOfMemoryError',
  '-Dfile.encoding=UTF-8',
  '-Dstdout.encoding=UTF-8',
  '-Dstderr.encoding=UTF-8',
];
const mainClassName = (code: string): string => findMainClass(code) ?? findPublicType(code) ?? 'Main';

export const java: Runtime = {
  id: 'java',
  name: 'Java',
  aliases: ['jdk', 'openjdk'],
  extension: 'java',
  tools: { javac: ['javac'], java: ['java'] },
  version: { command: ({ javac = '' }) => [javac, '-version'], pattern: /^javac (\S+)/m },
  fileName: (code) => fileNameOf(findPublicType(code) ?? 'Main'),
  compile: ({ tools: { javac = '' }, source, app, memoryMb }) => [
    javac,
    `-J${heap(memoryMb)}`,
    ...OPTIONS.map((option) => `-J${option}`),
    // No annotation processors: a compilation must not run uploaded code.
    '-proc:none',
    '-encoding',
    'UTF-8',
    '-d',
    `${app}/${CLASSES}`,
    source,
  ],
  run: ({ tools: { java: launcher = '' }, app, memoryMb, code }) => [
    launcher,
    ...runOptions(memoryMb),
    '-cp',
    `${app}/${CLASSES}`,
    mainClassName(code),
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
    command: ({ tools: { java: launcher = '' }, app, buildDirectory, memoryMb }) => [
      launcher,
      ...runOptions(memoryMb),
      ...INTERNALS,
      `-Xbootclasspath/a:${buildDirectory}`,
      '-cp',
      `${app}/${CLASSES}`,
      'service_server.preload.Preload',
    ],
    message: ({ code }) => mainClassName(code),
  },
  // With "unable to create native thread", the same error means that the process limit is reached.
  outOfMemory: /java\.lang\.OutOfMemoryError(?!: unable to create native thread)/,
};

/** One thing that a program tries, and exactly what it gets. */
import type { JobBody } from '../support/api';

/** What the code may name: the words are replaced before it is uploaded. */
export interface Surroundings {
  /** Unique, and longer than any run as a number of seconds. */
  readonly MARKER: string;
  readonly GATEWAY_PORT: string;
  readonly DATA_DIR: string;
  readonly WORK_DIR: string;
}

export interface EscapeProgram {
  /** What is guaranteed. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
  readonly expected: Readonly<Partial<Record<keyof JobBody, unknown>>>;
  /** ms; the default of the service when undefined. */
  readonly timeout?: number;
  readonly input?: string;
}

/** It ended well, and printed exactly this. */
export const printsLines = (...lines: readonly string[]): EscapeProgram['expected'] => ({
  ...{ status: 'SUCCESS', verdict: 'OK', stderr: '' },
  stdout: lines.map((line) => `${line}\n`).join(''),
});

/** Each thing was refused with its error, in this order. */
export const printsErrors = (pairs: Readonly<Record<string, string>>): EscapeProgram['expected'] =>
  printsLines(...Object.entries(pairs).map(([what, error]) => `${what} ${error}`));

export const TIME_LIMIT = { status: 'TIMEOUT', verdict: 'TIME_LIMIT', signal: 'SIGKILL' } as const;
export const MEMORY_LIMIT = { status: 'FAILED', verdict: 'MEMORY_LIMIT' } as const;
export const OUTPUT_LIMIT = { status: 'FAILED', verdict: 'OUTPUT_LIMIT' } as const;

export const exitsWith = (code: number): EscapeProgram['expected'] => ({
  ...{ status: 'FAILED', verdict: 'NONZERO_EXIT', exit_code: code, signal: null },
});

export const endsWithSignal = (signal: string): EscapeProgram['expected'] => ({
  ...{ status: 'FAILED', verdict: 'SIGNALLED', exit_code: null, signal },
});

/** One of several limits ends it: which one depends on the machine. */
export const endsWithOneOf = (...verdicts: readonly string[]): EscapeProgram['expected'] => ({
  verdict: expect.stringMatching(new RegExp(`^(${verdicts.join('|')})$`)),
});

/** Begins a program of Python that prints what it tried with what it got, or the name of the error. */
export const PYTHON = `
import ctypes, errno, os, resource, signal, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, act):
  try: print(what, 'GOT', act())
  except OSError as e: print(what, errno.errorcode.get(e.errno, e))
`;

/** The same for C. */
export const C = `
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#define ATTEMPT(what, call) \\
  (printf("%s %s\\n", what, (long)(call) < 0 ? strerrorname_np(errno) : "GOT"), fflush(stdout))
#define SAY(text) (puts(text), fflush(stdout))
`;

export const cMain = (body: string): string => `${C}\nint main(void) {\n${body}\nreturn 0;\n}\n`;

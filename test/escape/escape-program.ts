import type { JobBody } from '../support/api';

/** Placeholders that are replaced in the code before it is uploaded. */
export interface Surroundings {
  /** A unique number of seconds, longer than any run. */
  readonly MARKER: string;
  readonly GATEWAY_PORT: string;
  readonly DATA_DIR: string;
  readonly WORK_DIR: string;
}

/** A program that tries to escape, to survive its run or to exceed a limit, with the job that it must result in. */
export interface EscapeProgram {
  /** The guarantee, used as the name of the test. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
  readonly expected: Readonly<Partial<Record<keyof JobBody, unknown>>>;
  /** Milliseconds; undefined: the default of the service. */
  readonly timeout?: number;
  readonly input?: string;
}

/** The program succeeds and prints exactly these lines. */
export const printsLines = (...lines: readonly string[]): EscapeProgram['expected'] => ({
  status: 'SUCCESS',
  verdict: 'OK',
  stderr: '',
  stdout: lines.map((line) => `${line}\n`).join(''),
});

/** The program prints each of these operations with the error that it got, in this order. */
export const printsErrors = (pairs: Readonly<Record<string, string>>): EscapeProgram['expected'] =>
  printsLines(...Object.entries(pairs).map(([what, error]) => `${what} ${error}`));

export const TIME_LIMIT = { status: 'TIMEOUT', verdict: 'TIME_LIMIT', signal: 'SIGKILL' } as const;
export const MEMORY_LIMIT = { status: 'FAILED', verdict: 'MEMORY_LIMIT' } as const;
export const OUTPUT_LIMIT = { status: 'FAILED', verdict: 'OUTPUT_LIMIT' } as const;

export const exitsWith = (code: number): EscapeProgram['expected'] => ({
  status: 'FAILED',
  verdict: 'NONZERO_EXIT',
  exit_code: code,
  signal: null,
});

export const endsWithSignal = (signal: string): EscapeProgram['expected'] => ({
  status: 'FAILED',
  verdict: 'SIGNALLED',
  exit_code: null,
  signal,
});

/** One of these limits ends the program: which one depends on the machine. */
export const endsWithOneOf = (...verdicts: readonly string[]): EscapeProgram['expected'] => ({
  verdict: expect.stringMatching(new RegExp(`^(${verdicts.join('|')})$`)),
});

/** Start of a Python program: `attempt` prints an operation with its result, or with the name of its error. */
export const PYTHON = `
import ctypes, errno, os, resource, signal, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what, act):
  try: print(what, 'GOT', act())
  except OSError as e: print(what, errno.errorcode.get(e.errno, e))
`;

/** Start of a C program: `ATTEMPT` prints an operation with its result, or with the name of its error. */
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

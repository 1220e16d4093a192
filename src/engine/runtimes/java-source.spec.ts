import { java } from './java';
import { findMainClass, findPublicType } from './java-source';

const MAIN = 'public static void main(String[] args) { }';

describe('findPublicType', () => {
  it.each([
    ['public class Greeter { }', 'Greeter'],
    ['import java.util.*;\n\npublic final class A { } class B { }', 'A'],
    ['class A { } public class B { }', 'B'],
    ['public interface Shape { }', 'Shape'],
    ['public enum Color { RED { void f() { } }, GREEN }', 'Color'],
    ['public record Point(int x, int y) { }', 'Point'],
    ['public abstract strictfp class A<T extends B & C> extends D<T> { }', 'A'],
    ['public sealed interface S permits A, B { }', 'S'],
    ['@SuppressWarnings({"a", "b"}) public class A { }', 'A'],
    ['public class Größe$_1 { }', 'Größe$_1'],
    ['package a.b; public class A{}', 'A'],
    ['public\n  class\n\tA\n{ }', 'A'],
  ])('of %j is %s', (code, name) => {
    expect(findPublicType(code)).toBe(name);
  });

  it.each([
    ['', 'nothing'],
    ['class A { public class B { } }', 'a type within a type'],
    ['// public class A { }\nclass B { }', 'a line comment'],
    ['/* public class A { } */ class B { }', 'a comment'],
    ['class A { String s = "} public class B {"; }', 'a string'],
    ['class A { String s = "\\"} public class B {"; }', 'a string with an escaped quote'],
    ['class A { String s = """\n "} public class B { """; }', 'a text block'],
    ['class A { String s = """\n \\"""} public class B { """; }', 'a text block with an escaped delimiter'],
    ["class A { char a = '}', b = '\\'', c = '\"'; public class B { } }", 'characters'],
    ['public class A', 'a type without a body'],
    ['publicclass A { }', 'no keyword'],
  ])('of %j is undefined: %s', (code) => {
    expect(findPublicType(code)).toBeUndefined();
  });

  it('ignores quotes and comments within comments and strings', () => {
    expect(findPublicType('/* " */ public class A { String s = "/*"; char c = \'"\'; } // */ {')).toBe('A');
  });
});

describe('findMainClass', () => {
  it.each([
    [`class A { } class B { ${MAIN} }`, 'B'],
    [`class A { ${MAIN} } public class B { ${MAIN} }`, 'A'],
    [`package com.example.app;\nclass A { ${MAIN} }`, 'com.example.app.A'],
    [`/* license */\npackage a;\nclass A { ${MAIN} }`, 'a.A'],
    [`// package b;\nclass A { ${MAIN} }`, 'A'],
    ['class A { static public final void main(final String... args) { } }', 'A'],
    [
      'class A { int x = 1; @Deprecated public static synchronized void  main (String[] a) throws Exception { } }',
      'A',
    ],
    [`interface A { ${MAIN} }`, 'A'],
    [`enum A { X; ${MAIN} }`, 'A'],
    [`record A(int x) { ${MAIN} }`, 'A'],
  ])('of %j is %s', (code, name) => {
    expect(findMainClass(code)).toBe(name);
  });

  it.each([
    '',
    'class A { void main() { } }',
    'class A { static void mainly(String[] a) { } }',
    'class A { static int x; void main(String[] a) { } }',
    'class A { String s = "public static void main("; }',
    'class A { /* public static void main(String[] a) { } */ }',
  ])('of %j is undefined', (code) => {
    expect(findMainClass(code)).toBeUndefined();
  });
});

describe('The scan of Java code', () => {
  const MIB = 1024 * 1024;
  /** Far above the noise of a busy machine. Quadratic time would exceed it by orders of magnitude. */
  const SLOWDOWN_MAX = 100;
  const fill = (part: string): string => part.repeat(Math.floor(MIB / part.length));
  const scanMs = (code: string): number => {
    const startedAt = performance.now();
    findPublicType(code);
    findMainClass(code);
    return performance.now() - startedAt;
  };

  it.each([
    ['unterminated comments', fill('/* ')],
    ['an unterminated string', `"${fill('\\"')}`],
    ['an unterminated character', `'${fill("\\'")}`],
    ['an unterminated text block', `"""${fill('\\""" ')}`],
    ['quotes', fill('"\n')],
    ['line breaks', fill('\n')],
    ['spaces after a keyword', `class A { static void ${fill(' ')} }`],
    ['one repeated keyword', `class A { ${fill('static ')} }`],
    ['keywords of methods', `class A { ${fill('static void ')} }`],
    ['types without a body', fill('public class A ')],
    ['opening braces', fill('{')],
    ['closing braces', fill('}')],
    ['packages', fill('package a ')],
    ['small types', fill('class A { static void main(')],
  ])('takes time proportional to the length of the code, also for 1 MiB of %s', (_what, code) => {
    const ordinaryMs = scanMs(fill('class A { void f(String s) { g(s, "s"); } }\n'));
    expect(scanMs(code) / ordinaryMs).toBeLessThan(SLOWDOWN_MAX);
  });

  it('falls back to Main.java if the name of the type is too long for a file', () => {
    expect(java.fileName?.(`public class ${'A'.repeat(200)} { }`)).toBe(`${'A'.repeat(200)}.java`);
    for (const name of ['A'.repeat(300), '漢'.repeat(100)])
      expect(java.fileName?.(`public class ${name} { }`)).toBe('Main.java');
  });
});

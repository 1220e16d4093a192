/** The names in Java code that decide about files and commands. */
import { java } from './java';
import { mainClassOf, publicTypeOf } from './java-source';

const MAIN = 'public static void main(String[] args) { }';

describe('publicTypeOf', () => {
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
    expect(publicTypeOf(code)).toBe(name);
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
    expect(publicTypeOf(code)).toBeUndefined();
  });

  it('is not misled by a quote or a comment within a comment or a string', () => {
    expect(publicTypeOf('/* " */ public class A { String s = "/*"; char c = \'"\'; } // */ {')).toBe('A');
  });
});

describe('mainClassOf', () => {
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
    expect(mainClassOf(code)).toBe(name);
  });

  it.each([
    '',
    'class A { void main() { } }',
    'class A { static void mainly(String[] a) { } }',
    'class A { static int x; void main(String[] a) { } }',
    'class A { String s = "public static void main("; }',
    'class A { /* public static void main(String[] a) { } */ }',
  ])('of %j is undefined', (code) => {
    expect(mainClassOf(code)).toBeUndefined();
  });
});

describe('Reading Java code', () => {
  const MIB = 1024 * 1024;
  const fill = (part: string): string => part.repeat(Math.floor(MIB / part.length));

  it.each([
    ['comments that do not end', fill('/* ')],
    ['strings that do not end', `"${fill('\\"')}`],
    ['characters that do not end', `'${fill("\\'")}`],
    ['text blocks that do not end', `"""${fill('\\""" ')}`],
    ['quotes alone', fill('"\n')],
    ['line ends alone', fill('\n')],
    ['spaces after a keyword', `class A { static void ${fill(' ')} }`],
    ['one keyword again and again', `class A { ${fill('static ')} }`],
    ['keywords of methods', `class A { ${fill('static void ')} }`],
    ['types without end', fill('public class A ')],
    ['braces that open', fill('{')],
    ['braces that close', fill('}')],
    ['packages', fill('package a ')],
    ['small types', fill('class A { static void main(')],
  ])('takes no longer for 1 MiB of %s than for any other', (_what, code) => {
    const since = performance.now();
    publicTypeOf(code);
    mainClassOf(code);
    expect(performance.now() - since).toBeLessThan(2000);
  });

  it('never names a file after more than a file system takes', () => {
    expect(java.fileName?.(`public class ${'A'.repeat(200)} { }`)).toBe(`${'A'.repeat(200)}.java`);
    for (const name of ['A'.repeat(300), '漢'.repeat(100)])
      expect(java.fileName?.(`public class ${name} { }`)).toBe('Main.java');
  });
});

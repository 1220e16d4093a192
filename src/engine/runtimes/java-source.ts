/**
 * Finds in Java code the names that decide about files and commands. Enough of the grammar for that, and no more. Takes
 * time in proportion to the code, whatever that is: each pattern consumes what it has begun, or fails at once.
 */

/** Comments, text blocks, strings and characters, also without their end: braces and words in them mean nothing. */
const OPAQUE =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|"""[\s\S]*?(?:"""|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/g;
const TYPE = /\b(?:class|interface|enum|record)\s+([\p{L}_$][\p{L}\p{N}_$]*)/u;
const PACKAGE = /\bpackage\s+([\p{L}\p{N}_$.]+)\s*;/u;
const MAIN = /\bvoid\s+main\s*\(/;

interface TopLevelType {
  readonly name: string;
  readonly isPublic: boolean;
  readonly hasMain: boolean;
}

/** The public top-level type, after which javac wants the file to be named. */
export const publicTypeOf = (code: string): string | undefined =>
  topLevelTypes(blank(code)).find(({ isPublic }) => isPublic)?.name;

/** The first top-level type with a `static void main`, with its package. */
export function mainClassOf(code: string): string | undefined {
  const text = blank(code);
  const name = topLevelTypes(text).find(({ hasMain }) => hasMain)?.name;
  const inPackage = PACKAGE.exec(text)?.[1];
  return name !== undefined && inPackage !== undefined ? `${inPackage}.${name}` : name;
}

const blank = (code: string): string => code.replace(OPAQUE, ' ');

function hasMain(body: string): boolean {
  return body.split(/[;{}=]/).some((piece) => {
    const at = piece.search(MAIN);
    return at >= 0 && /\bstatic\b/.test(piece.slice(0, at));
  });
}

function topLevelTypes(text: string): TopLevelType[] {
  const types: TopLevelType[] = [];
  let depth = 0;
  let headStart = 0;
  let bodyStart = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{' && depth++ === 0) bodyStart = at;
    if (character === ';' && depth === 0) headStart = at + 1;
    if (character !== '}' || --depth !== 0) continue;
    const head = text.slice(headStart, bodyStart);
    const name = TYPE.exec(head)?.[1];
    if (name !== undefined) {
      types.push({ name, isPublic: /\bpublic\b/.test(head), hasMain: hasMain(text.slice(bodyStart, at)) });
    }
    headStart = at + 1;
  }
  return types;
}

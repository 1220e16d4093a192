// These patterns take time proportional to the length of the code: none of them backtracks.
/** Comments, text blocks, strings and characters, also unterminated ones: braces and keywords in them do not count. */
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

/** The name of the public top-level type, which javac requires as the name of the file. */
export const findPublicType = (code: string): string | undefined =>
  topLevelTypes(removeOpaque(code)).find(({ isPublic }) => isPublic)?.name;

/** The qualified name of the first top-level type with a `static void main`. */
export function findMainClass(code: string): string | undefined {
  const text = removeOpaque(code);
  const name = topLevelTypes(text).find(({ hasMain }) => hasMain)?.name;
  const inPackage = PACKAGE.exec(text)?.[1];
  return name !== undefined && inPackage !== undefined ? `${inPackage}.${name}` : name;
}

const removeOpaque = (code: string): string => code.replace(OPAQUE, ' ');

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

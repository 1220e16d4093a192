/** A program in each language that reads a name from standard input and prints a greeting. */
export const HELLO: Readonly<Record<string, string>> = {
  python: 'print("hello " + input())',
  javascript: 'console.log("hello " + require("fs").readFileSync("/dev/stdin", "utf8").trim())',
  typescript:
    'import { readFileSync } from "node:fs";\nconst who: string = readFileSync(0, "utf8").trim();\nconsole.log(`hello ${who}`);',
  java: 'import java.util.Scanner;\npublic class Greeter { public static void main(String[] a) { System.out.println("hello " + new Scanner(System.in).nextLine()); } }',
  c: '#include <stdio.h>\nint main(void) { char who[99]; if (!fgets(who, 99, stdin)) return 1; printf("hello %s", who); return 0; }',
  cpp: '#include <iostream>\n#include <string>\nint main() { std::string who; std::getline(std::cin, who); std::cout << "hello " << who << std::endl; }',
  go: 'package main\nimport ("bufio"; "fmt"; "os")\nfunc main() { who, _ := bufio.NewReader(os.Stdin).ReadString(\'\\n\'); fmt.Print("hello " + who) }',
  rust: 'use std::io;\nfn main() { let mut who = String::new(); io::stdin().read_line(&mut who).unwrap(); print!("hello {}", who); }',
  ruby: 'puts "hello #{gets}"',
  php: '<?php echo "hello " . fgets(STDIN);',
  perl: 'print "hello " . <STDIN>;',
  bash: 'read -r who; echo "hello $who"',
  lua: 'print("hello " .. io.read())',
};

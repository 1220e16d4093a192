import type { Runtime } from './runtime';

export const go: Runtime = {
  id: 'go',
  name: 'Go',
  aliases: ['golang'],
  extension: 'go',
  tools: { go: ['go'] },
  version: { command: ({ go: tool = '' }) => [tool, 'version'], pattern: /go version go(\S+)/ },
  compile: ({ tools: { go: tool = '' }, source, app }) => [tool, 'build', '-o', `${app}/main`, source],
  run: ({ app }) => [`${app}/main`],
  environment: {
    // One file with the standard library and without cgo: a compilation downloads nothing and runs no other tools.
    GO111MODULE: 'off',
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOTELEMETRY: 'off',
    GOFLAGS: '-buildvcs=false',
    GOPATH: '/tmp/go',
  },
  // Without a cache, each compilation builds the standard library, which takes longer than the timeout of a request.
  cache: {
    variable: 'GOCACHE',
    code: [
      'package main',
      'import ("bufio"; "bytes"; "encoding/json"; "errors"; "fmt"; "io"; "math"; "math/rand"; "net"; "os"; "os/exec"',
      '"os/signal"; "regexp"; "sort"; "strconv"; "strings"; "sync"; "syscall"; "time"; "unicode")',
      'var _ = []any{bufio.NewReader, bytes.NewReader, json.Marshal, errors.New, io.EOF, math.Pi, rand.Int, net.Dial,',
      'os.Args, exec.Command, signal.Notify, regexp.MustCompile, sort.Ints, strconv.Itoa, strings.Fields,',
      'sync.NewCond, syscall.Getpid, time.Now, unicode.IsLetter}',
      'func main() { fmt.Println() }',
    ].join('\n'),
  },
};

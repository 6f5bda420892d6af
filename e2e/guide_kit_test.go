package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// prose is the language of what is no block of code.
const prose = "prose"

// notRun marks, in the paragraph before a block, commands that no test can run.
const notRun = "(not run by a test)"

// piece is a part of a document: prose, or a block of code in a language.
type piece struct {
	language, text string
	// line is where it begins.
	line int
	// unproven: no test runs it, and the document says so.
	unproven bool
}

// pieces are a document's, in their order.
func pieces(t testing.TB, document string) []piece {
	t.Helper()
	fence := regexp.MustCompile("^( *)```(\\S*)$")
	all, indent, n := []piece{{language: prose, line: 1}}, "", 0
	for line := range strings.Lines(content(t, filepath.Join("..", document))) {
		n++
		last := &all[len(all)-1]
		found := fence.FindStringSubmatch(strings.TrimRight(line, "\n"))
		switch {
		case found != nil && last.language == prose:
			paragraphs := strings.Split(strings.TrimSpace(last.text), "\n\n")
			indent = found[1]
			all = append(all, piece{language: found[2], line: n + 1, unproven: strings.Contains(paragraphs[len(paragraphs)-1], notRun)})
		case found != nil:
			indent = ""
			all = append(all, piece{language: prose, line: n + 1})
		default:
			last.text += strings.TrimPrefix(line, indent)
		}
	}
	if all[len(all)-1].language != prose {
		t.Fatalf("%s: its last block does not end", document)
	}
	return all
}

// guide is a document whose commands are followed: block by block, in one shell, in a
// folder that has the repository's files and the program. What goes on until it is
// stopped (serve, simulate, node) has a terminal of its own, as for a person.
type guide struct {
	// dir is where the commands run, notes where this test keeps what they print.
	dir, notes string
	// server is the Redis at 127.0.0.1:6379, public and bot what stands for ports 8080
	// and 7099.
	server      *redistest.Server
	public, bot string

	// sender posts Meta's webhooks, where a test plays Meta.
	sender *simulator.Sender

	// elsewhere are commands that another test runs, or CI itself.
	elsewhere map[string]proof

	document string
	places   []string
	acts     map[string]func()
	stdin    io.WriteCloser
	stdout   *bufio.Scanner
	// printed is the file with the output of the last block, terminals those of what goes
	// on. Live is whether the latter are where something is printed next.
	printed   string
	terminals []string
	live      bool
}

// prepare makes a guide's folder and shell. Further places are pairs of what stands in
// the document and what stands for it here: hosts and ports.
func prepare(t *testing.T, document string) *guide {
	t.Helper()
	g := &guide{
		document: document, dir: t.TempDir(), notes: t.TempDir(), acts: map[string]func(){},
		server: redistest.Standalone(t), public: free(t), bot: free(t),
	}
	g.place("redis://127.0.0.1:6379/0", g.server.URL, "redis://127.0.0.1:6379/1", g.server.URL, "127.0.0.1:8080", g.public, "127.0.0.1:9090", free(t), "127.0.0.1:7099", g.bot,
		"127.0.0.1:9999", free(t), "https://bauta.example", "http://"+g.public)
	for _, part := range []string{"deploy/compose", "deploy/guides", "e2e/testdata"} {
		if err := os.CopyFS(filepath.Join(g.dir, part), os.DirFS("../"+part)); err != nil {
			t.Fatal(err)
		}
	}
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(g.dir, "bauta")); err != nil {
		t.Fatal(err)
	}
	g.open(t)
	return g
}

// place says what stands here for hosts and ports of the document, in pairs.
func (g *guide) place(pairs ...string) { g.places = append(pairs, g.places...) }

// act has something done where the document's prose says these words: what a person
// does elsewhere, such as on a phone.
func (g *guide) act(words string, do func()) { g.acts[words] = do }

// export sets a variable of the shell's, such as a person has from elsewhere.
func (g *guide) export(name, value string) {
	_, _ = fmt.Fprintf(g.stdin, "export %s='%s'\n", name, value)
}

// open starts the shell. It ends at the first command that fails, and its terminals with it.
func (g *guide) open(t *testing.T) {
	t.Helper()
	shell := exec.Command("bash", "--norc", "--noprofile")
	shell.Dir, shell.Stderr = g.dir, os.Stderr
	_, port, _ := strings.Cut(g.bot, ":")
	shell.Env = append(shell.Environ(), "HOME="+g.dir, "PORT="+port, "META_APP_SECRET="+appSecret, "META_ACCESS_TOKEN="+accessToken)
	stdin, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	g.stdin, g.stdout = stdin, bufio.NewScanner(stdout)
	t.Cleanup(func() {
		_ = g.stdin.Close()
		_ = shell.Wait()
	})
	_, _ = fmt.Fprint(g.stdin, `set -eo pipefail
PATH="$PWD:$PATH"
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
listens() { until grep -qE 'listening|is answered at' "$1"; do kill -0 "$2" || { cat "$1"; return 1; }; sleep 0.05; done; }
`)
}

// follow runs every block of a document and compares what it prints, where the document
// has a block of text behind it. It returns when all is done.
func (g *guide) follow(t *testing.T) {
	t.Helper()
	done := map[string]bool{}
	for n, p := range pieces(t, g.document) {
		switch {
		case p.language == prose:
			for words, do := range g.acts {
				if strings.Contains(strings.Join(strings.Fields(p.text), " "), words) {
					do()
					done[words], g.live = true, true
				}
			}
		case p.unproven:
		case p.language == "sh", p.language == "bash":
			g.run(t, n, p)
		case p.language == "text":
			g.compare(t, p)
		}
	}
	for words := range g.acts {
		if !done[words] {
			t.Errorf("%s does not say %q any more", g.document, words)
		}
	}
}

// goesOn finds commands that end when they are stopped.
func goesOn(command string) bool {
	return regexp.MustCompile(`^(\w+=\S+ )*(\./)?(bauta (serve|simulate)|node)\b`).MatchString(command)
}

// run runs one block.
func (g *guide) run(t *testing.T, n int, p piece) {
	t.Helper()
	g.printed, g.live = filepath.Join(g.notes, fmt.Sprintf("%d.out", n)), false
	var script strings.Builder
	for line := range strings.Lines(strings.NewReplacer(g.places...).Replace(p.text)) {
		command, _, _ := strings.Cut(strings.TrimSpace(line), "  #")
		if by := g.elsewhere[strings.TrimSpace(command)]; by.stage+by.test != "" {
			continue
		}
		if g.live = goesOn(command); g.live {
			terminal := filepath.Join(g.notes, fmt.Sprintf("terminal-%d.out", len(g.terminals)))
			line = fmt.Sprintf("%s > '%s' 2>&1 < /dev/null &\nlistens '%s' $!\n", command, terminal, terminal)
			g.terminals = append(g.terminals, terminal)
		}
		script.WriteString(line)
	}
	path := filepath.Join(g.notes, fmt.Sprintf("%d.sh", n))
	if err := os.WriteFile(path, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(g.stdin, ". '%s' > '%s' 2>&1 < /dev/null; echo done\n", path, g.printed)
	if !g.stdout.Scan() {
		t.Fatalf("%s:%d: a command of this block fails:\n%s\nit prints\n%s", g.document, p.line, script.String(), content(t, g.printed))
	}
}

// compare wants the last block to have printed what a block of text says, where … stands
// for anything. Of a block that goes on, and after something was done elsewhere, it waits
// for these lines in one of the terminals.
func (g *guide) compare(t *testing.T, p piece) {
	t.Helper()
	want := regexp.QuoteMeta(strings.TrimSpace(strings.NewReplacer(g.places...).Replace(p.text)))
	pattern := regexp.MustCompile(`(?s)^\s*` + strings.ReplaceAll(want, "…", ".*?") + `\s*$`)
	if g.live {
		pattern = regexp.MustCompile(strings.ReplaceAll(want, "…", `[^\n]*?`))
		eventually(t, fmt.Sprintf("%s:%d is printed: %s", g.document, p.line, p.text), func(context.Context) bool {
			return pattern.MatchString(g.said(t))
		})
		return
	}
	if out := content(t, g.printed); !pattern.MatchString(out) {
		t.Errorf("%s:%d: it prints\n%s\nnot\n%s", g.document, p.line, out, p.text)
	}
}

// said is all that terminals show.
func (g *guide) said(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, terminal := range g.terminals {
		all.WriteString(content(t, terminal))
	}
	return all.String()
}

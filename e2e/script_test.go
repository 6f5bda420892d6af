package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bauta/redis/redistest"
)

// The commands as people use them: testdata/script, one file a topic. Beside
// testscript's own commands there are those of stage.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d scripts (%v), want at least 10", len(files), err)
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			s := &stage{t: t}
			testscript.Run(t, testscript.Params{
				Files:               []string{file},
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				Setup: func(env *testscript.Env) error {
					env.Setenv("PATH", filepath.Dir(path)+string(filepath.ListSeparator)+env.Getenv("PATH"))
					return nil
				},
				Cmds: s.commands(),
			})
		})
	}
}

// stage is what stands around the commands of one script.
type stage struct {
	t      *testing.T
	server *redistest.Server
	crm    *crm
	node   *bauta
	before map[string]string
}

// commands are those that scripts have beside testscript's own.
func (s *stage) commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		// redis starts a server, with settings, and sets REDIS to its URL.
		"redis": func(ts *testscript.TestScript, _ bool, args []string) {
			s.server = redistest.Standalone(s.t, args...)
			ts.Setenv("REDIS", s.server.URL)
		},
		// crm starts an endpoint and sets CRM to its URL.
		"crm": func(ts *testscript.TestScript, _ bool, _ []string) {
			s.crm = newCRM(s.t)
			ts.Setenv("CRM", s.crm.server.URL)
		},
		// fill FILE... writes the URLs in place of REDIS-URL and CRM-URL.
		"fill": fill,
		// serve starts a node with bauta.yaml, and sets PUBLIC to its URL.
		"serve": func(ts *testscript.TestScript, _ bool, _ []string) {
			s.node = serve(s.t, ts.MkAbs("."))
			ts.Setenv("PUBLIC", s.node.public)
		},
		// stop ends the node.
		"stop": func(*testscript.TestScript, bool, []string) { s.node.stop(s.t) },
		// post FILE... sends files as the platform does.
		"post": func(ts *testscript.TestScript, _ bool, args []string) {
			for _, name := range args {
				s.node.send(s.t, []byte(ts.ReadFile(name)))
			}
		},
		"answer":    s.answer,
		"delivered": s.delivered,
		// remember notes what Redis holds; unchanged wants it to hold the same.
		"remember":  func(*testscript.TestScript, bool, []string) { s.before = s.server.Dump(s.t) },
		"unchanged": s.unchanged,
		"lanes":     s.lanes,
		"behind":    s.behind,
		"mode":      mode,
		"until":     until,
	}
}

func fill(ts *testscript.TestScript, _ bool, args []string) {
	values := strings.NewReplacer("REDIS-URL", ts.Getenv("REDIS"), "CRM-URL", ts.Getenv("CRM"))
	for _, name := range args {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(values.Replace(ts.ReadFile(name))), 0o600))
	}
}

// answer STATUS is what the endpoint answers from now on.
func (s *stage) answer(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	s.crm.answer(status)
}

// delivered N [TEXT] waits for N deliveries, and wants TEXT in the last.
func (s *stage) delivered(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := s.crm.wait(s.t, n)
	if len(got) != n {
		ts.Fatalf("%d deliveries, want %d", len(got), n)
	}
	if len(args) > 1 && strings.Contains(got[n-1].body, args[1]) == neg {
		ts.Fatalf("the last delivery is %s", got[n-1].body)
	}
}

// behind COMMAND PATTERN [ARGUMENT...] does something to the first key of a pattern that
// Bauta does not do, or to the key of that name.
func (s *stage) behind(ts *testscript.TestScript, _ bool, args []string) {
	key := args[1]
	if keys := s.server.Client.Keys(s.t.Context(), key).Val(); len(keys) > 0 {
		key = keys[0]
	}
	command := []any{args[0], key}
	for _, a := range args[2:] {
		command = append(command, a)
	}
	ts.Check(s.server.Client.Do(s.t.Context(), command...).Err())
}

func (s *stage) unchanged(ts *testscript.TestScript, neg bool, _ []string) {
	after := s.server.Dump(s.t)
	if maps.Equal(s.before, after) == !neg {
		return
	}
	ts.Fatalf("Redis held %v\nand holds %v", slices.Sorted(maps.Keys(s.before)), slices.Sorted(maps.Keys(after)))
}

// lanes N wants that many lanes in Redis.
func (s *stage) lanes(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	n := 0
	for key := range s.server.Dump(s.t) {
		if strings.Contains(key, "}l:") || strings.Contains(key, ":l:") {
			n++
		}
	}
	if n != want {
		ts.Fatalf("%d lanes, want %d: %v", n, want, slices.Sorted(maps.Keys(s.server.Dump(s.t))))
	}
}

// mode FILE PERMISSIONS wants a file's permissions, in octal.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

// until PATTERN COMMAND... runs a command again and again until its output
// matches.
func until(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[0])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		ts.Check(ts.Exec(args[1], args[2:]...))
		out := ts.ReadFile("stdout")
		if pattern.MatchString(out) {
			return
		}
		if ctx.Err() != nil {
			ts.Fatalf("not within %s: it says\n%s", patience, out)
		}
	}
}

// Every command explains itself: what it does, and, if it does something itself,
// an example that names it. The list is the program's own.
func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	leaves := 0
	var visit func(path []string)
	visit = func(path []string) {
		stdout, stderr, code := run(t, append(slices.Clone(path), "--help")...)
		name := strings.Join(append([]string{"bauta"}, path...), " ")
		if code != 0 || stderr != "" || len(stdout) == 0 {
			t.Errorf("%s --help: exit %d, standard error %q", name, code, stderr)
		}
		subs := subcommands(stdout)
		for _, sub := range subs {
			visit(append(slices.Clone(path), sub))
		}
		if len(subs) > 0 {
			if strings.Contains(stdout, name+" [flags]") || !strings.Contains(stdout, "Usage:\n  "+name+" [command]\n") {
				t.Errorf("%s --help does not say that it wants a command: %s", name, stdout)
			}
			_, stderr, code := run(t, append(slices.Clone(path), "no-such-command")...)
			if code != 2 || !strings.Contains(stderr, "no-such-command") || !strings.Contains(stderr, name+" --help") {
				t.Errorf("%s no-such-command: exit %d, want 2 and a hint: %s", name, code, stderr)
			}
			return
		}
		leaves++
		if _, examples, ok := strings.Cut(stdout, "Examples:\n"); !ok || !strings.Contains(examples, name) {
			t.Errorf("%s --help has no example", name)
		}
		for _, wrong := range []string{"--no-such-flag", "no-such-argument"} {
			_, stderr, code := run(t, append(slices.Clone(path), wrong)...)
			if code != 2 || !strings.Contains(stderr, name+" --help") {
				t.Errorf("%s %s: exit %d, want 2 and a hint: %s", name, wrong, code, stderr)
			}
		}
	}
	visit(nil)
	if leaves < 18 {
		t.Errorf("only %d commands were found", leaves)
	}
}

// subcommands reads the names from a help text; completion and help are cobra's.
func subcommands(help string) []string {
	_, list, ok := strings.Cut(help, "Available Commands:\n")
	if !ok {
		return nil
	}
	list, _, _ = strings.Cut(list, "\n\n")
	var names []string
	for line := range strings.Lines(list) {
		if name := strings.Fields(line)[0]; name != "completion" && name != "help" {
			names = append(names, name)
		}
	}
	return names
}

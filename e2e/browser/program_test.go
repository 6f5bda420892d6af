package browser_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"
)

// once is what all tests need, made by the first and removed after the last.
var once struct {
	program, axe sync.Once
	// folder has the program, and node_modules.
	folder        string
	builds, fetch error
	script        []byte
}

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "bauta-browser")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	once.folder = folder
	code := m.Run()
	_ = os.RemoveAll(folder) // what stays costs space, and is no test's failure
	os.Exit(code)
}

// built builds the program as make build does, and returns where it is.
func built(t *testing.T) string {
	t.Helper()
	program := filepath.Join(once.folder, "bauta")
	once.program.Do(func() {
		command := exec.CommandContext(context.WithoutCancel(t.Context()), "go", "build", "-trimpath", "-o", program, "./cmd/bauta")
		command.Dir = filepath.Join("..", "..")
		command.Env = append(command.Environ(), "CGO_ENABLED=0")
		if out, err := command.CombinedOutput(); err != nil {
			once.builds = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if once.builds != nil {
		t.Fatal(once.builds)
	}
	return program
}

// axeCore is the script that finds what shuts people out, as the npm registry has it.
func axeCore(t *testing.T) string {
	t.Helper()
	once.axe.Do(func() { once.script, once.fetch = fetchAxe(context.WithoutCancel(t.Context())) })
	if once.fetch != nil {
		t.Fatal(once.fetch)
	}
	return string(once.script)
}

func fetchAxe(ctx context.Context) ([]byte, error) {
	if err := os.CopyFS(once.folder, os.DirFS("testdata")); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
	npm.Dir = once.folder
	if out, err := npm.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("axe-core was not installed: npm ci: %w\nThis test needs node and npm in PATH, and the npm registry.\n%s", err, out)
	}
	return os.ReadFile(filepath.Join(once.folder, "node_modules", "axe-core", "axe.min.js"))
}

// demo starts the playground, and returns its address.
func demo(t *testing.T, program string) string {
	t.Helper()
	address, _ := demoThatEnds(t, program)
	return address
}

// demoThatEnds is demo, and what ends it before the test does.
func demoThatEnds(t *testing.T, program string) (address string, end func()) {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "demo", "--listen", "127.0.0.1:0", "--open=false")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	t.Cleanup(end)
	line, err := bufio.NewReader(out).ReadString('\n')
	address = regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(line)
	if err != nil || address == "" {
		t.Fatalf("the demo said %q: %v", line, err)
	}
	return address, end
}
